from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.pki.errors import PkiError
from portal.pki.revocation.source import RevocationStatus
from portal.pki.verifier import VerifiedCertificate
from tests.pki.conftest import BEGIN, END, NOW, World, authority, der, rsa_key


def digest(key):
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def test_verified_certificate_tells_whose_it_is(world):
    verified = world.verify(world.body())
    assert (verified.random_string, verified.terminal_code) == ("1C2410DF79DGEL", "07202002B")
    assert verified.serial_number == "5"
    assert verified.issuer_key_id == digest(world.authority.key.public_key())
    assert verified.public_key_digest == digest(world.key.public_key())
    assert (verified.not_before, verified.not_after) == (BEGIN, END)
    assert verified.revocation is RevocationStatus.NOT_CHECKED


def test_certificate_alone_gives_the_same(world):
    assert world.verifier.verify_certificate(der(world.certificate), NOW) == world.verify(world.body())


def test_41_same_random_string_with_another_terminal_code_is_distinct(world):
    other = world.verify(world.body(world.issue("1C2410DF79DGEL07202003C")))
    assert other.random_string == world.verify(world.body()).random_string
    assert other.terminal_code != world.verify(world.body()).terminal_code


def test_41_same_common_name_with_another_key_is_distinct(world):
    key = rsa_key("somebody else")
    other = world.verify(world.body(world.issue(public_key=key.public_key()), key=key))
    assert (other.random_string, other.terminal_code) == ("1C2410DF79DGEL", "07202002B")
    assert other.public_key_digest != world.verify(world.body()).public_key_digest


def test_nobody_but_the_verifier_makes_a_verified_certificate(world):
    verified = world.verify(world.body())
    facts = {name: getattr(verified, name) for name in VerifiedCertificate.__match_args__ if name != "seal"}
    with pytest.raises(TypeError, match="only a Verifier"):
        VerifiedCertificate(**facts, seal=None)
    with pytest.raises((TypeError, ValueError), match="seal"):
        replace(verified, random_string="SOMEBODYELSE00")


class Source:
    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def status(self, certificate, issuer, now):
        self.asked.append((certificate.serial_number, issuer.subject, now))
        return self.answer


REVOCATION = {
    RevocationStatus.GOOD: None,
    RevocationStatus.NOT_CHECKED: None,
    RevocationStatus.REVOKED: "certificate-revoked",
    RevocationStatus.UNKNOWN: "revocation-unknown",
}


@pytest.mark.parametrize(("answer", "code"), REVOCATION.items(), ids=str)
def test_52_source_of_revocation_has_the_last_word(trusting, answer, code):
    root, source = authority(), Source(answer)
    world = World(trusting(root, revocation=source), root, root.issue(public_key=rsa_key().public_key()))
    if code is None:
        assert world.verify(world.body()).revocation is answer
    else:
        with pytest.raises(PkiError) as refusal:
            world.verify(world.body())
        assert refusal.value.code == code
    assert source.asked == [(world.certificate.serial_number, root.certificate.subject, NOW)]


def test_first_step_that_fails_names_the_code(trusting):
    """Mend a token that fails everywhere, one step at a time."""
    root, stranger, source = authority(), authority("look-alike"), Source(RevocationStatus.REVOKED)
    world = World(trusting(root, revocation=source), root, root.issue(public_key=rsa_key().public_key()))
    key, past = rsa_key().public_key(), NOW - timedelta(days=1)
    bad = {"format": "web-eid:2.0", "algorithm": "RS512", "key": rsa_key("somebody else")}
    codes = []
    for certificate, fields in (
        (b"junk", bad | {"more": "1"}),
        (b"junk", bad),
        (b"junk", bad := bad | {"format": "web-eid:1.0"}),
        (der(stranger.issue("x", public_key=key, policy="1.2.3", not_after=past)), bad),
        (der(stranger.issue("x", public_key=key, not_after=past)), bad),
        (der(stranger.issue("x", public_key=key)), bad),
        (world.issue("x"), bad),
        (world.issue("x"), bad := bad | {"algorithm": "RS256"}),
        (world.issue("x"), {}),
    ):
        with pytest.raises(PkiError) as refusal:
            world.verify(world.body(certificate, **fields))
        codes.append(refusal.value.code)
    assert codes == [
        *("token-malformed", "token-malformed", "certificate-malformed", "certificate-wrong-kind"),
        *("certificate-expired", "certificate-not-trusted", "algorithm-unsupported", "signature-invalid"),
        "certificate-subject-invalid",
    ]
    assert source.asked == []  # junk costs no look-up
