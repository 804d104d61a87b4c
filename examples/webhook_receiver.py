"""Take the portal's webhook: `MYKEY_WEBHOOK_SECRET=whsec_… python webhook_receiver.py 127.0.0.1 8801`, behind TLS."""

import hmac
import json
import os
import sys
import time
from base64 import b64decode, b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = b64decode(os.environ["MYKEY_WEBHOOK_SECRET"].removeprefix("whsec_"))
SEEN = set()  # a real receiver keeps these for 30 days, in its database


def is_genuine(headers, body):
    """Tell whether the portal signed it within the last five minutes."""
    message_id, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    digest = hmac.digest(KEY, f"{message_id}.{sent}.".encode() + body, "sha256")
    wanted = f"v1,{b64encode(digest).decode()}".encode()
    signed = any(hmac.compare_digest(wanted, each.encode()) for each in headers.get("webhook-signature", "").split())
    return signed and abs(time.time() - int(sent)) <= 300  # noqa: PLR2004


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        genuine = is_genuine(self.headers, body)
        self.send_response(204 if genuine else 400)
        self.end_headers()
        if genuine and self.headers["webhook-id"] not in SEEN:  # the same message may come twice
            SEEN.add(self.headers["webhook-id"])
            message = json.loads(body)
            if message["type"] == "service-id.looked-up":
                print(message["data"]["service_id"], flush=True)


if __name__ == "__main__":
    HTTPServer((sys.argv[1], int(sys.argv[2])), Receiver).serve_forever()
