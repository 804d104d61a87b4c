"""A bridge and a card in a few lines: the calls of bridge-protocol with a key instead of a card."""

from base64 import b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding


class Bridge:
    """Speaks to the portal as a bridge does; the card is a certificate and its key."""

    def __init__(self, app, certificate, key):
        self.client = app.test_client()
        self.base = app.extensions["mykey"].settings.origin
        self.certificate, self.key, self.reply = certificate, key, {}

    def call(self, name, body, claim=None, **options):
        headers = {"Authorization": f"Bearer {claim}"} if claim else {}
        options = {"json": body} if not isinstance(body, bytes) else {"data": body, "content_type": "application/json"}
        return self.client.post(f"/api/v1/bridge/{name}", base_url=self.base, headers=headers, **options)

    def claim(self, page=None, **name):
        """Claim by the names that the waiting page shows."""
        if page:
            link = next(a["href"] for a in page.all("a") if a.get("href", "").startswith("mykey-bridge:"))
            name = {"handle": parse_qs(urlsplit(link).query)["handle"][0]}
        response = self.call("claims", name)
        self.reply = response.json
        return response

    def token(self, **changes):
        message = sha256(self.base.encode()).digest() + sha256(self.reply["nonce"].encode()).digest()
        return {
            "format": "web-eid:1.0",
            "unverifiedCertificate": b64encode(self.certificate.public_bytes(Encoding.DER)).decode(),
            "algorithm": "RS256",
            "signature": b64encode(self.key.sign(message, PKCS1v15(), SHA256())).decode(),
            "appVersion": "https://bridge.invalid/1",
        } | changes

    def answer(self, **changes):
        return self.call("answers", self.token(**changes), self.reply["claim"])

    def fail(self, code):
        return self.call("failures", {"code": code}, self.reply["claim"])
