"""Rate of verification beside its floor: two bare RSA-2048 verifications, one for the chain and one for the token.

Two more floors show what lies between: the two with all that must be opened for them (JSON, base64, certificate, key);
and the library's own path to the authority instead of the first, with no check of ours.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store

from bench.figure import Figure
from demo.authority import USER_AUTHENTICATION_POLICY, Authority
from portal.pki.path import AUTHORITY_POLICY, CARD_POLICY
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

    def opened() -> x509.Certificate:
        read = json.loads(body)
        found = x509.load_der_x509_certificate(b64decode(read["unverifiedCertificate"]))
        key = found.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(b64decode(read["signature"]), message, padding.PKCS1v15(), SHA256())
        return found

    def opened_and_signed() -> None:
        found = opened()
        signer_key.verify(found.signature, found.tbs_certificate_bytes, padding.PKCS1v15(), SHA256())

    def opened_and_traced() -> None:
        builder.time(NOW).build_client_verifier().verify(opened(), [])

    signer_key = signer.public_key()
    builder = PolicyBuilder().store(Store([authority.certificate]))
    builder = builder.extension_policies(ca_policy=AUTHORITY_POLICY, ee_policy=CARD_POLICY)
    with TemporaryDirectory() as trust:
        Path(trust, "authority.pem").write_bytes(authority.pem())
        anchors = TrustAnchors(Path(trust), production=False)
        verifier = Verifier(anchors, origin=ORIGIN, policy_oid=USER_AUTHENTICATION_POLICY, revocation=None)
        whole = partial(verifier.verify_token, body, new_nonce(bytes), NOW)
        rounds = [[rate(each) for each in (floor, opened_and_signed, opened_and_traced, whole)] for _ in range(ROUNDS)]
    floors, signed, traced, ours = zip(*rounds, strict=True)
    return [
        Figure.of("floor: two RSA-2048 verifications, times a second", floors),
        Figure.of("floor: the same with what must be opened for it, times a second", signed),
        Figure.of("floor: the same with the library's path, times a second", traced),
        Figure.of("verify_token, times a second", ours),
        Figure.of("ratio (target 0.6)", [our / floor for floor, _, _, our in rounds]),
        Figure.of("ratio to the library's path", [our / floor for _, _, floor, our in rounds]),
    ]


def rate(call: Callable[[], object]) -> float:
    begin = perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (perf_counter() - begin)
