from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from json import dumps

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import USER_AUTHENTICATION_POLICY
from portal.pki.token import signed_message
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier
from tests.authority import Authority

ORIGIN = "https://id.example.jp"
NONCE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BEGIN, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, 14, 59, 59, tzinfo=UTC)


@cache
def rsa_key(_name="holder"):
    """Make one key a name: they cost more than all else here."""
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key(curve=ec.SECP384R1):
    return ec.generate_private_key(curve())


def authority(name="authority", **facts):
    return Authority.create(**({"not_before": BEGIN, "not_after": END, "key": rsa_key(name)} | facts))


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def signature_of(key, message):
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA384())))
    return r.to_bytes(48) + s.to_bytes(48)


@dataclass
class World:
    """A portal that trusts one authority, and a card of that authority."""

    verifier: Verifier
    authority: Authority
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(default_factory=rsa_key)

    def fields(self, certificate=None, *, key=None, origin=ORIGIN, nonce=NONCE, **changed):
        key, algorithm = key or self.key, "RS256" if isinstance(key or self.key, rsa.RSAPrivateKey) else "ES384"
        message = signed_message(origin, nonce, "sha256" if algorithm == "RS256" else "sha384")
        made = {
            "format": "web-eid:1.0",
            "unverifiedCertificate": b64encode(der(self.certificate) if certificate is None else certificate).decode(),
            "algorithm": algorithm,
            "signature": b64encode(signature_of(key, message)).decode(),
            "appVersion": "https://id.example.jp/reader-bridge/1.0.0",
        }
        return made | changed

    def body(self, certificate=None, **changed):
        return dumps(self.fields(certificate, **changed)).encode()

    def verify(self, body, *, nonce=NONCE, now=NOW):
        return self.verifier.verify_token(body, nonce, now)

    def issue(self, *args, **facts):
        return der(self.authority.issue(*args, **({"public_key": self.key.public_key()} | facts)))


@pytest.fixture
def trusting(tmp_path):
    """Make a verifier that trusts these authorities."""

    def make(*authorities, revocation=None):
        for number, one in enumerate(authorities):
            (tmp_path / f"{number}.pem").write_bytes(one.pem())
        anchors = TrustAnchors(tmp_path, production=False)
        return Verifier(
            anchors,
            origin=ORIGIN,
            policy_oid=USER_AUTHENTICATION_POLICY,
            revocation=revocation,
        )

    return make


@pytest.fixture
def world(trusting):
    root = authority()
    certificate = root.issue(public_key=rsa_key().public_key(), serial_number=5)
    return World(trusting(root), root, certificate)
