"""Facts of a certificate for 「証明書表示」, whoever made it."""

from contextlib import suppress
from datetime import datetime
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given

from demo.authority import name_of
from portal.domain.formats.japanese_date import JST
from portal.pki.certificate import UnverifiedCertificate, der_of
from portal.pki.errors import CertificateMalformed, PkiError
from portal.pki.facts import Facts
from tests.pki.conftest import NOW, der
from tests.pki.resigned import ALGORITHM, tlv
from tests.pki.test_certificate import CASES, GOOD
from tests.pki.test_properties import edited as with_edits
from tests.pki.test_properties import edits, quickly

RSA_KEY, UNKNOWN_KEY = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01017f")


def facts_of(encoded):
    return Facts.of(UnverifiedCertificate.decode(encoded))


def test_the_facts_are_those_of_the_draft(world):
    encoded = der(world.certificate)
    facts = facts_of(encoded)
    assert facts.subject == ("CN=1C2410DF79DGEL07202002B", "C=JP")
    assert facts.japanese_issuer == (
        "OU=地方公共団体情報システム機構",
        "OU=公的個人認証サービス利用者証明用",
        "O=公的個人認証サービス",
        "C=JP",
    )
    assert facts.issuer[:2] == (
        "OU=Japan Agency for Local Authority Information Systems",
        "OU=JPKI for user authentication",
    )
    assert facts.signature_algorithm == "sha256WithRSAEncryption"
    assert facts.common_name == ("1C2410DF79DGEL", "07202002B")
    assert facts.public_key == "rsaEncryption(2048bits)"
    assert facts.fingerprint == f"sha256|{sha256(encoded).hexdigest().upper()}"
    assert facts.not_after == datetime(2035, 1, 1, 23, 59, 59, tzinfo=JST)


def test_without_a_japanese_name_the_issuer_s_own_is_shown(world):
    facts = facts_of(world.issue(without=[x509.IssuerAlternativeName]))
    assert facts.japanese_issuer == facts.issuer


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "id-ecPublicKey(secp384r1)"),
        (ed25519.Ed25519PrivateKey.generate(), "1.3.101.112"),
    ],
)
def test_another_key_is_named(world, key, name):
    assert facts_of(world.issue(public_key=key.public_key())).public_key == name


def test_a_key_of_an_unknown_kind_is_named_by_its_number(world):
    facts = facts_of(der(world.certificate).replace(RSA_KEY, UNKNOWN_KEY))
    assert facts.public_key == "1.2.840.113549.1.1.127"
    assert facts.common_name


def test_an_empty_subject_is_no_line(world):
    assert facts_of(world.issue(subject=name_of())).subject == ()


def test_60_a_name_steers_nothing(world):
    name = "A\r\n[ランダム文字列]\r\nFORGED\x1b[2J\u202e\u2028"
    [line] = facts_of(world.issue(subject=name_of(("CN", name)))).subject
    assert line == "CN=A\ufffd\ufffd[ランダム文字列]\ufffd\ufffdFORGED\ufffd[2J\ufffd\ufffd"


def first_refusal(world, encoded, now=NOW):
    return next((check.code for check in world.verifier.explain(encoded, now, ask=True) if check.code), None)


def verdict(world, encoded, now=NOW):
    try:
        world.verifier.verify_certificate(encoded, now)
    except PkiError as error:
        return error.code
    return None


def only_facts(world, encoded):
    """Hold that the view is made of any bytes or refuses them, and explains them as the verifier judges them."""
    try:
        certificate = UnverifiedCertificate.decode(encoded)
    except CertificateMalformed:
        return
    assert Facts.of(certificate).fingerprint
    assert first_refusal(world, encoded) == verdict(world, encoded)


@pytest.mark.parametrize(("make", "code"), CASES)
def test_a_bad_certificate_is_shown_or_refused_and_its_refusal_is_the_verifier_s(world, make, code):
    only_facts(world, make(world))
    with suppress(CertificateMalformed):
        assert first_refusal(world, make(world)) == code


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_a_good_certificate_is_explained_to_its_end(world, make):
    assert first_refusal(world, make(world)) is None


@quickly
@given(changes=edits)
def test_any_edited_certificate_is_shown_or_refused(world, changes):
    only_facts(world, with_edits(der(world.certificate), changes))


@quickly
@given(changes=edits)
def test_any_edited_certificate_that_the_authority_signed_is_shown_or_refused(world, changes):
    content = tlv(0x30, with_edits(world.certificate.tbs_certificate_bytes[4:], changes))
    only_facts(world, tlv(0x30, content + ALGORITHM + tlv(3, b"\0" * 257)))


def test_a_file_in_pem_is_the_certificate_in_it(world):
    assert der_of(b"# mine\n" + world.certificate.public_bytes(Encoding.PEM)) == der(world.certificate)
    assert der_of(der(world.certificate)) == der(world.certificate)


@pytest.mark.parametrize("times", [0, 2])
def test_20_a_file_in_pem_holds_one_certificate(world, times):
    content = world.certificate.public_bytes(Encoding.PEM) * times or b"-----BEGIN CERTIFICATE-----\nAAAA\n"
    with pytest.raises(CertificateMalformed):
        der_of(content)
