"""A portal written from bridge-protocol.md alone, for one card session at a time."""

import json
import threading
from base64 import b64decode, b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

HANDLE = "h4ndle-h4ndle-h4ndle-h4ndle"
PAIRING_CODE = "K7QF4PXW"
CLAIM = "claim.token-1"
NONCE = b64encode(bytes(range(32))).decode()
FRAGMENT = "c0mpletion-c0mpletion-c0mp"
DIGITS = "493027"


def json_reply(status, fields):
    return status, {"Content-Type": "application/json"}, json.dumps(fields).encode()


def problem(status, code):
    fields = {"type": f"/problems/{code}", "title": code, "status": status, "code": code}
    return status, {"Content-Type": "application/problem+json"}, json.dumps(fields).encode()


class FakePortal:
    """`replies` overrules the answer to a path; `calls` holds (path, headers, body) of each request."""

    def __init__(self, tls=None):
        self.calls = []
        self.replies = {}
        self.purpose, self.parameters = "register", {}
        self._by_handle = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.origin = f"{scheme}://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def failures(self):
        return [json.loads(body)["code"] for path, _, body in self.calls if path.endswith("/failures")]

    @property
    def tokens(self):
        return [json.loads(body) for path, _, body in self.calls if path.endswith("/answers")]

    def answer(self, path, headers, body):
        self.calls.append((path, headers, body))
        if path in self.replies:
            return self.replies[path]
        if path == "/healthz":
            return 200, {"Content-Type": "text/plain"}, b"ok"
        return {
            "/api/v1/bridge/claims": self._claims,
            "/api/v1/bridge/answers": self._answers,
            "/api/v1/bridge/failures": self._failures,
        }[path](headers, json.loads(body))

    def claim_fields(self, **differently):
        return {
            "claim": CLAIM,
            "purpose": self.purpose,
            "parameters": self.parameters,
            "match_code": "47",
            "nonce": NONCE,
            "expires_at": "2026-11-23T05:00:00Z",
            "a_field_of_version_1_2": [],
        } | differently

    def signature_is_good(self, token):
        message = sha256(self.origin.encode()).digest() + sha256(NONCE.encode()).digest()
        key = x509.load_der_x509_certificate(b64decode(token["unverifiedCertificate"])).public_key()
        key.verify(b64decode(token["signature"]), message, PKCS1v15(), SHA256())
        return True

    def _claims(self, _headers, fields):
        self._by_handle = "handle" in fields
        if fields not in ({"handle": HANDLE}, {"pairing_code": PAIRING_CODE}):
            return problem(404, "card-session-not-found")
        return json_reply(201, self.claim_fields())

    def _answers(self, headers, _fields):
        if headers["Authorization"] != f"Bearer {CLAIM}":
            return problem(401, "claim-invalid")
        if self._by_handle:
            return json_reply(200, {"completion_url": f"{self.origin}/completion#{FRAGMENT}"})
        return json_reply(200, {"completion_code": DIGITS})

    def _failures(self, headers, _fields):
        return (204, {}, b"") if headers["Authorization"] == f"Bearer {CLAIM}" else problem(401, "claim-invalid")

    def _handler(portal):  # noqa: N805 (self is the handler's)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, reply = portal.answer(self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_):
                pass

        return Handler
