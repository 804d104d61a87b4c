"""Rate of verification beside its floor: two bare RSA-2048 verifications, one for the chain and one for the token."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from bench.figure import Figure
from demo.authority import USER_AUTHENTICATION_POLICY, Authority
from portal.pki.token import new_nonce, signed_message
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier

ORIGIN = "https://id.example.jp"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ROUNDS, CALLS = 15, 200


def run() -> list[Figure]:
    """Return rates in calls a second on one core, in interleaved rounds, and their ratio."""
    signer, holder = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    authority = Authority.create(not_before=NOW.replace(year=2025), not_after=NOW.replace(year=2035), key=signer)
    certificate = authority.issue(public_key=holder.public_key())
    message = signed_message(ORIGIN, new_nonce(bytes), "sha256")
    signature = holder.sign(message, padding.PKCS1v15(), SHA256())
    fields = {"format": "web-eid:1.0", "algorithm": "RS256", "appVersion": "https://id.example.jp/reader-bridge/1.0.0"}
    fields["unverifiedCertificate"] = b64encode(certificate.public_bytes(Encoding.DER)).decode()
    body = json.dumps(fields | {"signature": b64encode(signature).decode()}).encode()
    chain = (signer.public_key(), certificate.signature, certificate.tbs_certificate_bytes)
    bare = (chain, (holder.public_key(), signature, message))

    def floor() -> None:
        for key, signed, content in bare:
            key.verify(signed, content, padding.PKCS1v15(), SHA256())

    with TemporaryDirectory() as trust:
        Path(trust, "authority.pem").write_bytes(authority.pem())
        anchors = TrustAnchors(Path(trust), production=False)
        verifier = Verifier(anchors, origin=ORIGIN, policy_oid=USER_AUTHENTICATION_POLICY, revocation=None)
        whole = partial(verifier.verify_token, body, new_nonce(bytes), NOW)
        pairs = [(rate(floor), rate(whole)) for _ in range(ROUNDS)]
    floors, ours = zip(*pairs, strict=True)
    return [
        Figure.of("floor: two RSA-2048 verifications, times a second", floors),
        Figure.of("verify_token, times a second", ours),
        Figure.of("ratio", [our / floor for floor, our in pairs]),
    ]


def rate(call: Callable[[], object]) -> float:
    begin = perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (perf_counter() - begin)
