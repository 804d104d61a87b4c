"""An authenticator in software: passkeys on P-256, attestation "none" (W3C Web Authentication, level 3)."""

import json
import os
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def to_text(data):
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def to_bytes(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """Holds one passkey. What it says is a plain attribute, so that a test can have it say something else."""

    def __init__(self, origin):
        self.origin, self.rp_id = origin, urlsplit(origin).hostname
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        self.public_key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        self.credential_id, self.owner, self.count, self.flags = os.urandom(32), None, 0, PRESENT | VERIFIED

    def create(self, options):
        """Answer navigator.credentials.create, in JSON."""
        self.owner = to_bytes(options["user"]["id"])
        name = len(self.credential_id).to_bytes(2) + self.credential_id
        attested = bytes(16) + name + cbor2.dumps(self.public_key)
        data = self._data(ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(self._client_data("webauthn.create", options), attestationObject=attestation)

    def get(self, options):
        """Answer navigator.credentials.get, in JSON."""
        self.count += 1
        client_data, data = self._client_data("webauthn.get", options), self._data()
        signature = self.key.sign(data + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(client_data, authenticatorData=data, signature=signature, userHandle=self.owner)

    def as_chromium_has_it(self):
        """Return the passkey as a credential of Chromium's virtual authenticator (DevTools, WebAuthn domain)."""
        key = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        parts = {"credentialId": self.credential_id, "privateKey": key, "userHandle": self.owner}
        of = {"isResidentCredential": True, "rpId": self.rp_id, "signCount": self.count}
        return of | {name: b64encode(part).decode() for name, part in parts.items()}

    def _data(self, more=0):
        return sha256(self.rp_id.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4)

    def _client_data(self, kind, options):
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _answer(self, client_data, **response):
        response = {name: to_text(value) for name, value in response.items()} | {"clientDataJSON": to_text(client_data)}
        name = to_text(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
