import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from demo.authority import key_usage
from portal.pki.errors import PkiError, TrustAnchorsUnusable
from portal.pki.trust import TrustAnchors
from tests.authority import DIGITAL_SIGNATURE
from tests.pki.conftest import authority, der, ec_key, rsa_key
from tests.pki.made_up import BEGIN, END, PLACES, Maker, attribute, extension, name, with_extension
from tests.pki.resigned import KEYS, tlv


@pytest.fixture
def anchors(tmp_path):
    (tmp_path / "authca03.pem").write_bytes(authority().pem())
    return TrustAnchors(tmp_path, production=False)


def test_reads_pem_and_der_and_several_in_one_file(tmp_path):
    first, second, third = authority(), authority("generation 2"), authority("generation 3")
    (tmp_path / "both.pem").write_bytes(b"# two generations\n" + first.pem() + second.pem())
    (tmp_path / "AUTHCA03.CER").write_bytes(der(third.certificate))
    (tmp_path / "again.der").write_bytes(der(third.certificate))
    (tmp_path / "README").write_text("not an authority")
    found = TrustAnchors(tmp_path, production=False).certificates()
    assert set(found) == {first.certificate, second.certificate, third.certificate}
    assert len(found) == 3


def test_unchanged_directory_is_not_read_again(anchors):
    assert anchors.certificates() is anchors.certificates()


def test_added_authority_is_trusted_without_a_restart(anchors):
    anchors.certificates()
    (anchors.directory / "authca04.pem").write_bytes(authority("generation 2").pem())
    assert len(anchors.certificates()) == 2


def test_replaced_authority_is_no_longer_trusted(anchors):
    anchors.certificates()
    file = anchors.directory / "authca03.pem"
    file.write_bytes(authority("generation 2").pem())
    os.utime(file, ns=(0, 0))  # a change within one tick of the file system's clock
    assert anchors.certificates() == (authority("generation 2").certificate,)


def test_verifier_follows_the_directory(world, tmp_path):
    assert world.verify(world.body())
    (tmp_path / "0.pem").unlink()
    with pytest.raises(TrustAnchorsUnusable) as refusal:
        world.verify(world.body())
    assert refusal.value.code == "unavailable"
    (tmp_path / "0.pem").write_bytes(authority("generation 2").pem())
    with pytest.raises(PkiError) as refusal:
        world.verify(world.body())
    assert refusal.value.code == "certificate-not-trusted"
    (tmp_path / "1.pem").write_bytes(world.authority.pem())
    assert world.verify(world.body())


def test_missing_directory_is_told(tmp_path):
    with pytest.raises(TrustAnchorsUnusable, match=r"trust cannot be read .*authca"):
        TrustAnchors(tmp_path / "trust", production=False).certificates()


def test_empty_directory_is_told(tmp_path):
    with pytest.raises(TrustAnchorsUnusable, match=r"holds no authority.*jpki\.go\.jp"):
        TrustAnchors(tmp_path, production=False).certificates()


def card(issuer):
    return issuer.issue(public_key=rsa_key().public_key())


def cross_signed():
    constraints, usage = x509.BasicConstraints(ca=True, path_length=None), key_usage("key_cert_sign")
    return authority().issue(
        subject=authority().certificate.subject,
        public_key=rsa_key("generation 2").public_key(),
        replacing=[(constraints, True), (usage, True)],
    )


NO_AUTHORITY = {
    "empty": lambda: b"",
    "text": lambda: b"authca03",
    "cut DER": lambda: der(authority().certificate)[:-1],
    "broken PEM": lambda: authority().pem().replace(b"MII", b"M!!"),
    "one good, one broken": lambda: authority().pem() + authority().pem()[:-40],
    "a card": lambda: der(card(authority())),
    "the authority for signing": lambda: authority("signing", unit=DIGITAL_SIGNATURE).pem(),
    "no authority by basic constraints": lambda: authority(without=[x509.BasicConstraints]).pem(),
    "denied by basic constraints": lambda: authority(
        replacing=[(x509.BasicConstraints(ca=False, path_length=None), True)]
    ).pem(),
    "RSA-1024": lambda: authority(key=rsa.generate_private_key(65537, 1024)).pem(),  # noqa: S505 - refused
    "an authority that may sign no certificates": lambda: authority(replacing=[(key_usage("crl_sign"), True)]).pem(),
    "signed by another": lambda: der(cross_signed()),
    "signed over other bytes": lambda: der(authority().certificate).replace(b"JPKI-DEMO", b"JPKI-DEMA"),
}


@pytest.mark.parametrize("content", NO_AUTHORITY.values(), ids=NO_AUTHORITY)
def test_file_that_is_no_authority_is_named(anchors, content):
    (anchors.directory / "stray.cer").write_bytes(content())
    with pytest.raises(TrustAnchorsUnusable, match=r"stray\.cer"):
        anchors.certificates()


def remade(**changed):
    """Make the authority's own certificate anew, with changed parts."""
    root = authority()
    maker = Maker(root, root.key.public_key())
    maker.parts["subject"] = maker.parts["issuer"]
    maker.extensions["usage"] = extension("usage", b"\x03\x02\x01\x06", critical=True)
    maker.extensions["constraints"] = extension("constraints", b"\x30\x03\x01\x01\xff", critical=True)
    del maker.extensions["policies"]
    return maker.make(signed=True, **changed)


NULL = bytes.fromhex("300b06092a864886f70d01010b")  # sha256WithRSAEncryption without it
BARREN = {
    "is critical": lambda: remade(**with_extension("unknown", b"\x05\0", critical=True)),
    "policies, is critical": lambda: remade(
        **with_extension("policies", b"\x30\x06\x30\x04\x06\x02\x2a\x03", critical=True)
    ),
    "GeneralizedTime": lambda: remade(end=tlv(24, b"20350101145959Z")),
    "two different algorithms": lambda: remade(inner=NULL),
    "its dates": lambda: remade(begin=END, end=BEGIN),
    "another encoding": lambda: remade(spki=KEYS["for PSS"]),
    "its private key": lambda: remade(spki=KEYS["even modulus"]),
    "neither RSA": lambda: authority(key=ec_key(ec.SECP256R1)).pem(),
    "its extensions": lambda: authority(replacing=[(x509.BasicConstraints(ca=True, path_length=None), False)]).pem(),
}


@pytest.mark.parametrize(("told", "content"), BARREN.items(), ids=BARREN)
def test_authority_below_which_no_card_could_pass_is_refused_and_told_why(anchors, told, content):
    (anchors.directory / "barren.cer").write_bytes(content())
    with pytest.raises(
        TrustAnchorsUnusable, match=rf"barren\.cer is no authority below which .*{told.split(', ')[-1]}"
    ):
        anchors.certificates()


def test_that_authority_is_good_without_its_flaw(anchors):
    (anchors.directory / "remade.cer").write_bytes(remade())
    assert len(anchors.certificates()) == 2


@pytest.mark.parametrize("place", ["subject", "issuer", "issuer alternative", "point"])
def test_authority_with_a_name_that_nobody_can_read_is_told_as_no_certificate(anchors, place):
    odd = name(attribute(bytes.fromhex("550403"), 3, b"\0A"))
    (anchors.directory / "odd.cer").write_bytes(remade(**PLACES[place](odd)))
    with pytest.raises(TrustAnchorsUnusable, match=r"odd\.cer holds no readable certificate"):
        anchors.certificates()


@pytest.mark.parametrize("organisation", ["JPKI-DEMO", "JPKI-TEST"])
def test_production_refuses_test_and_demo_authorities(tmp_path, organisation):
    (tmp_path / "authca.pem").write_bytes(authority(organisation=organisation).pem())
    assert TrustAnchors(tmp_path, production=False).certificates()
    with pytest.raises(TrustAnchorsUnusable, match=r"authca\.pem is a test or demo authority.*take authca"):
        TrustAnchors(tmp_path, production=True).certificates()


def test_production_accepts_the_name_of_jpki(tmp_path):
    (tmp_path / "authca.pem").write_bytes(authority(organisation="JPKI").pem())
    assert TrustAnchors(tmp_path, production=True).certificates()
