"""Rate of verification beside its floor: two bare RSA-2048 verifications, one for the chain and one for the token."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import Authority
from portal.pki.challenge import new_nonce, signed_message
from portal.pki.profile import USER_AUTHENTICATION_POLICY
from portal.pki.revocation import NoRevocationSource
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier

ORIGIN = "https://id.example.jp"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ROUNDS, CALLS = 15, 200


def run() -> list[tuple[str, float]]:
    """Return rates in calls a second on one core, the best of interleaved rounds, and the ratio."""
    authority = Authority.create(not_before=NOW.replace(year=2025), not_after=NOW.replace(year=2035))
    key = rsa.generate_private_key(65537, 2048)
    certificate = authority.issue(public_key=key.public_key())
    nonce = new_nonce(bytes)
    message = signed_message(ORIGIN, nonce, "sha256")
    signature = key.sign(message, padding.PKCS1v15(), SHA256())
    body = token(certificate.public_bytes(Encoding.DER), signature)
    signer, holder = authority.certificate.public_key(), key.public_key()
    assert isinstance(signer, rsa.RSAPublicKey)
    issued, issuing = certificate.tbs_certificate_bytes, certificate.signature

    def floor() -> None:
        signer.verify(issuing, issued, padding.PKCS1v15(), SHA256())
        holder.verify(signature, message, padding.PKCS1v15(), SHA256())

    with TemporaryDirectory() as directory:
        Path(directory, "authority.pem").write_bytes(authority.pem())
        anchors = TrustAnchors(Path(directory), production=False)
        verifier = Verifier(
            anchors, origin=ORIGIN, policy_oid=USER_AUTHENTICATION_POLICY, revocation=NoRevocationSource()
        )
        pairs = [(rate(floor), rate(lambda: verifier.verify_token(body, nonce, NOW))) for _ in range(ROUNDS)]
    best_floor, best = (max(rates) for rates in zip(*pairs, strict=True))
    return [("floor: two RSA-2048 verifications", best_floor), ("verify_token", best), ("ratio", best / best_floor)]


def rate(call: Callable[[], object]) -> float:
    begin = perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (perf_counter() - begin)


def token(certificate: bytes, signature: bytes) -> bytes:
    fields = {"format": "web-eid:1.0", "algorithm": "RS256", "appVersion": "https://id.example.jp/reader-bridge/0.1.0"}
    fields["unverifiedCertificate"] = b64encode(certificate).decode()
    return json.dumps(fields | {"signature": b64encode(signature).decode()}).encode()


if __name__ == "__main__":
    for name, figure in run():
        print(f"{name:40}{figure:12.2f}")  # noqa: T201 - its purpose
