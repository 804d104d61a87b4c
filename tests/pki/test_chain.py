"""Classes of bad input: the chain to a pinned authority."""

from datetime import timedelta

import pytest
from cryptography import x509

from demo.authority import key_usage
from portal.pki.errors import PkiError
from tests.authority import DIGITAL_SIGNATURE, Authority
from tests.pki.conftest import BEGIN, END, NOW, World, authority, der, ec_key, rsa_key

YEAR = timedelta(days=365)


def leaf_of(issuer):
    return der(issuer.issue(public_key=rsa_key().public_key(), not_before=BEGIN, not_after=END))


def intermediate():
    """A certificate with the bits of an authority, issued by the pinned one."""
    constraints, usage = x509.BasicConstraints(ca=True, path_length=None), key_usage("key_cert_sign", "crl_sign")
    certificate = authority().issue(
        "DELEGATE", public_key=rsa_key("delegate").public_key(), replacing=[(constraints, True), (usage, True)]
    )
    return Authority(certificate, rsa_key("delegate"))


def delegate():
    """An ordinary card whose holder plays the authority."""
    certificate = authority().issue(public_key=rsa_key("delegate").public_key())
    return Authority(certificate, rsa_key("delegate"))


# which authorities are pinned, and which one issued
REFUSED = {
    "24 unknown authority": ([authority], lambda: authority("unknown", organisation="JPKI-OTHER")),
    "25 look-alike with the same name": ([authority], lambda: authority("look-alike")),
    "25 look-alike by its own card": ([authority], lambda: authority("look-alike", serial_number=1)),
    "25 generation that is not pinned": ([lambda: authority("generation 2")], authority),
    "26 expired authority": ([lambda: authority(not_after=NOW - YEAR)], authority),
    "26 authority not yet valid": ([lambda: authority(not_before=NOW + YEAR)], authority),
    "29 below an intermediate": ([authority], intermediate),
    "29 below another card": ([authority], delegate),
    "30 many of one name, none the signer": (
        [lambda number=number: authority("look-alike", serial_number=number) for number in range(1, 40)],
        authority,
    ),
    "38 test hierarchy": ([authority], lambda: authority("test", organisation="JPKI-TEST")),
    "38b below the authority for signing": ([authority], lambda: authority("signing", unit=DIGITAL_SIGNATURE)),
}
TRUSTED = {
    "25 either generation": ([authority, lambda: authority("generation 2")], lambda: authority("generation 2")),
    "27 beside an unrelated expired authority": (
        [authority, lambda: authority("generation 2", not_after=NOW - YEAR)],
        authority,
    ),
    "30 many of one name": (
        [*[lambda number=number: authority("look-alike", serial_number=number) for number in range(1, 40)], authority],
        authority,
    ),
    "next generation of keys": ([lambda: authority(key=ec_key())], lambda: authority(key=ec_key())),
}


@pytest.mark.parametrize(("pinned", "issuer"), REFUSED.values(), ids=REFUSED)
def test_certificate_below_no_pinned_authority_is_refused(request, trusting, pinned, issuer):
    verifier = trusting(*(make() for make in pinned))
    with pytest.raises(PkiError) as refusal:
        verifier.verify_certificate(leaf_of(issuer()), NOW)
    assert refusal.value.code == "certificate-not-trusted"
    valid = "not-valid" if "26" in request.node.callspec.id else "unknown"
    assert refusal.value.reason == f"authority-{valid}"


@pytest.mark.parametrize(("pinned", "issuer"), TRUSTED.values(), ids=TRUSTED)
def test_certificate_below_a_pinned_authority_passes(trusting, pinned, issuer):
    verifier = trusting(*(make() for make in pinned))
    assert verifier.verify_certificate(leaf_of(issuer()), NOW)


def test_signing_authority_does_not_turn_its_certificate_into_one_for_user_authentication(world):
    signing = authority("signing", unit=DIGITAL_SIGNATURE)
    certificate = signing.issue_signing(public_key=world.key.public_key())
    with pytest.raises(PkiError) as refusal:
        world.verify(world.body(der(certificate)))
    assert refusal.value.code == "certificate-wrong-kind"


def test_generations_have_different_issuer_keys(trusting):
    first, second = authority(), authority("generation 2")
    verifier = trusting(first, second)
    keys = {verifier.verify_certificate(leaf_of(one), NOW).issuer_key_id for one in (first, second)}
    assert len(keys) == 2


def test_authority_that_expires_within_the_life_of_a_card_ends_trust_in_it(trusting):
    root = authority(not_after=NOW)
    world = World(trusting(root), root, root.issue(public_key=rsa_key().public_key(), not_after=END))
    assert world.verify(world.body())
    with pytest.raises(PkiError) as refusal:
        world.verify(world.body(), now=NOW + timedelta(seconds=1))
    assert refusal.value.code == "certificate-not-trusted"
