"""A toy circulation desk: what a library's own system does with 引渡し. Python's standard library, and nothing else.

    MYKEY_WEBHOOK_SECRET=whsec_… python circulation_desk.py 127.0.0.1:8801

It takes the portal's webhook at /hook (docs/webhook.md) and shows at / whose turn it is; `ask` puts the same question
by the API. A real desk runs behind TLS.
"""

import hmac
import json
import os
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

TOLERANCE = 5 * 60
"""Seconds that a message may be old, or from the future."""
LARGEST = 64 * 1024


class Refused(Exception):
    """No message of the portal."""


class Desk:
    """The patron at the desk, known by the library's own number alone."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.key, self.clock = b64decode(secret.removeprefix("whsec_")), clock
        self.patron: str | None = None
        self.seen: set[str] = set()  # a real desk keeps them for 30 days, in its database

    def take(self, headers: dict[str, str], body: bytes) -> None:
        """Take a message: verified, new, and once."""
        message_id, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        digest = hmac.digest(self.key, f"{message_id}.{sent}.".encode() + body, "sha256")
        signature = f"v1,{b64encode(digest).decode()}"
        given = headers.get("webhook-signature", "").split(" ")
        if not any(hmac.compare_digest(signature.encode(), each.encode()) for each in given):
            raise Refused
        if abs(self.clock() - int(sent)) > TOLERANCE:
            raise Refused
        if message_id not in self.seen:
            self.seen.add(message_id)
            message = json.loads(body)
            if message["type"] == "service-id.looked-up":
                self.patron = message["data"]["service_id"]

    def ask(self, portal: str, token: str, certificate: bytes) -> str:
        """Ask the portal for the patron whose card was read here."""
        body = json.dumps({"certificate": b64encode(certificate).decode()}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with urlopen(Request(f"{portal}/api/v1/inquiries", body, headers), timeout=10) as answer:
            self.patron = json.load(answer)["service_id"]
        return self.patron


def serving(desk: Desk, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server for a desk; the caller runs it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, LARGEST))
            try:
                desk.take({name.lower(): value for name, value in self.headers.items()}, body)
                status = 204
            except Refused:
                status = 400
            self.send_response(status)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write((desk.patron or "だれもいません").encode())

    return ThreadingHTTPServer((host, port), Handler)


if __name__ == "__main__":
    where, _, number = sys.argv[1].rpartition(":")
    serving(Desk(os.environ["MYKEY_WEBHOOK_SECRET"]), where, int(number)).serve_forever()
