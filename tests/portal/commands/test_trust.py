"""`mykey trust`: nothing is trusted before its fingerprint was compared."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from portal.pki.trust import TrustAnchors
from tests.pki import made_up
from tests.pki.made_up import DATES, Maker
from tests.pki.resigned import tlv

BIT_STRING = made_up.name(made_up.attribute(bytes.fromhex("550403"), 3, b"\0A"))
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def genuine(authority_of_today):
    return authority_of_today()


@pytest.fixture
def instance(tmp_path):
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


@pytest.fixture
def file(genuine, tmp_path):
    (tmp_path / "authca.cer").write_bytes(genuine.certificate.public_bytes(Encoding.DER))
    return tmp_path / "authca.cer"


def fingerprint(authority):
    return authority.certificate.fingerprint(SHA256()).hex()


def trusted(instance):
    return list((instance / "trust").glob("*")) if (instance / "trust").exists() else []


@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_the_fingerprint_is_shown_and_confirmed(typed, file, genuine, instance, encoding):
    file.write_bytes(genuine.certificate.public_bytes(encoding))
    done = typed("trust", "add", file, typing="y\n")
    assert (done.status, "is trusted from now on." in done.out) == (0, True)
    assert genuine.certificate.fingerprint(SHA256()).hex(":").upper() in done.err
    assert f"{genuine.certificate.not_valid_after_utc:%Y-%m-%d}" in done.err
    assert "O=JPKI" in done.err
    assert TrustAnchors(instance / "trust", production=True).certificates() == (genuine.certificate,)
    [kept] = trusted(instance)
    assert kept.read_bytes() == genuine.pem()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("typing", ["n\n", "\n", "", None])
def test_without_a_clear_yes_nothing_is_added(typed, file, instance, typing):
    assert typed("trust", "add", file, typing=typing).status == 1
    assert trusted(instance) == []


def test_scripts_say_the_fingerprint_which_must_be_the_one(told, typed, file, genuine, instance):
    assert told("trust", "add", file, "--fingerprint", "00" * 32) == "fingerprint-differs"
    assert told("trust", "add", file, "--fingerprint", "") == "fingerprint-differs"
    assert (told("trust", "add", file), typed("trust", "add", file, "--json").status) == ("usage", 2)
    assert trusted(instance) == []
    added = told("trust", "add", file, "--fingerprint", genuine.certificate.fingerprint(SHA256()).hex(":"))
    assert added["file"] == str(trusted(instance)[0])
    assert told("trust", "add", file, "--fingerprint", fingerprint(genuine)) == "authority-known"


def test_what_should_not_be_trusted_is_refused_whoever_confirms(
    told, tmp_path, keys, genuine, instance, authority_of_today
):
    expired = authority_of_today(days=-1)
    demo = authority_of_today(organisation="JPKI-DEMO")
    signing = authority_of_today(unit="JPKI for digital signature")
    card = genuine.issue(public_key=keys[0].public_key())
    for content, code in (
        (expired.pem(), "authority-expired"),
        (demo.pem(), "authority-unusable"),
        (signing.pem(), "authority-unusable"),
        (card.public_bytes(Encoding.PEM), "authority-unusable"),
        (genuine.pem() + authority_of_today().pem(), "authority-unusable"),
        (b"no certificate", "authority-unusable"),
        (b"", "authority-unusable"),
        (Maker(genuine, keys[0].public_key()).make(subject=BIT_STRING), "authority-unusable"),
        (Maker(genuine, keys[0].public_key()).make(issuer=BIT_STRING), "authority-unusable"),
        (Maker(genuine, keys[0].public_key()).make(begin=tlv(*DATES[0])), "authority-unusable"),
    ):
        (tmp_path / "it.pem").write_bytes(content)
        assert told("trust", "add", tmp_path / "it.pem", "--fingerprint", "00" * 32) == code
    assert trusted(instance) == []


def test_a_name_in_a_certificate_does_not_steer_the_terminal(typed, tmp_path, instance, authority_of_today):
    forged = authority_of_today(organisation="JPKI\x1b[2K\rSHA-256: 00\u202e")
    (tmp_path / "forged.pem").write_bytes(forged.pem())
    refused = typed("trust", "add", tmp_path / "forged.pem")
    assert (refused.status, "JPKI" in refused.err, refused.err.strip().isprintable()) == (1, True, True)
    (instance / "trust").mkdir()
    (instance / "trust" / "demo.pem").write_bytes(forged.pem())
    assert typed("trust", "list").out.strip().isprintable()


def test_the_list_shows_what_each_file_is_worth(typed, told, genuine, instance, authority_of_today):
    assert told("trust", "list") == []
    (instance / "trust").mkdir()
    for name, content in (
        ("a.pem", genuine.pem()),
        ("b.pem", authority_of_today(organisation="JPKI-DEMO").pem()),
        ("c.pem", authority_of_today(days=-1).pem()),
        ("d.pem", b"no certificate"),
        ("e.txt", b"not looked at"),
    ):
        (instance / "trust" / name).write_bytes(content)
    found = told("trust", "list")
    states = [(one["file"], one["state"]) for one in found]
    assert states == [("a.pem", "good"), ("b.pem", "demo"), ("c.pem", "expired"), ("d.pem", "unusable")]
    assert found[0]["fingerprint"].replace(":", "").lower() == fingerprint(genuine)
    assert len(typed("trust", "list").out.splitlines()) == 4
