"""有効性確認 by lists of revoked certificates (CRL) in the operator's folder."""

import os
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import distribution_point, key_usage, name_of
from portal.pki.errors import PkiError
from portal.pki.revocation.crl_folder import NOT_SIGNED, CrlFolder
from portal.pki.revocation.source import RevocationStatus
from tests.pki.conftest import NOW, World, authority, der, ec_key, rsa_key
from tests.pki.resigned import ALGORITHMS, tlv

HOUR = timedelta(hours=1)
DAY = {"this_update": NOW - HOUR, "next_update": NOW + 23 * HOUR}
GOOD, REVOKED, UNKNOWN = RevocationStatus.GOOD, RevocationStatus.REVOKED, RevocationStatus.UNKNOWN
SERIAL = 5
CITY, OTHER_CITY = (name_of(("C", "JP"), ("CN", f"{city} CRLDP")) for city in ("Demo-shi", "Mihon-shi"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "crl").mkdir()
    return CrlFolder(tmp_path / "crl")


@pytest.fixture
def ask(folder):
    """Put lists into the folder, and ask for the certificate with the serial number 5."""
    root = authority()

    def status(*lists, issuer=root, now=NOW, **facts):
        certificate = issuer.issue(public_key=rsa_key().public_key(), serial_number=SERIAL, **facts)
        for number, content in enumerate(lists):
            (folder.directory / f"{number}.crl").write_bytes(content)
        return folder.status(certificate, issuer.certificate, now)

    return status


def pem(content):
    return x509.load_der_x509_crl(content).public_bytes(Encoding.PEM)


def partial(names=(), **flags):
    """Make the extension of a list that speaks for some certificates only."""
    kinds = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    flags = dict.fromkeys(kinds, False) | {"only_some_reasons": None} | flags
    full_name = [x509.DirectoryName(name) for name in names] or None
    return [(x509.IssuingDistributionPoint(full_name, None, **flags), True)]


@pytest.mark.parametrize("form", [bytes, pem])
def test_52_the_list_tells_revoked_from_good(ask, form):
    assert ask(form(authority().crl(4, 6, **DAY))) is GOOD
    assert ask(form(authority().crl(4, SERIAL, number=2, **DAY))) is REVOKED


def test_52_an_empty_list_revokes_nobody(ask):
    assert ask(authority().crl(**DAY)) is GOOD


def test_52_without_a_list_nothing_is_known(ask, folder):
    assert ask() is UNKNOWN
    folder.directory.rmdir()
    assert CrlFolder(folder.directory).lists() == ()


def test_a_list_of_the_next_generation_is_read(ask):
    root = authority(key=ec_key())
    assert ask(root.crl(SERIAL, **DAY), issuer=root) is REVOKED


def test_32_the_list_of_another_issuer_says_nothing(ask):
    assert ask(authority("else", organisation="JPKI-ELSE").crl(**DAY)) is UNKNOWN
    assert ask(authority(organisation="JPKI-ELSE").crl(number=2, **DAY)) is UNKNOWN  # the same key under another name


def test_32_each_of_two_generations_with_one_name_has_its_own_list(ask):
    new = authority("generation 2")
    lists = (authority().crl(SERIAL, **DAY), new.crl(number=7, **DAY))
    assert (ask(*lists), ask(*lists, issuer=new)) == (REVOKED, GOOD)


def test_32_an_issuer_that_may_not_sign_lists_says_nothing(ask):
    root = authority(replacing=[(key_usage("key_cert_sign"), True)])
    assert ask(root.crl(**DAY), issuer=root) is UNKNOWN


@pytest.mark.parametrize(
    ("after", "status"),
    [(-HOUR, GOOD), (-HOUR - timedelta(seconds=1), UNKNOWN), (23 * HOUR, GOOD), (24 * HOUR, UNKNOWN)],
)
def test_32_53_a_list_holds_from_this_update_to_next_update(ask, after, status):
    assert ask(authority().crl(**DAY), now=NOW + after) is status


def test_32_a_list_without_its_number_is_passed_over(ask):
    assert ask(authority().crl(number=None, **DAY)) is UNKNOWN


def test_32_of_two_lists_the_higher_number_speaks(ask):
    assert ask(authority().crl(SERIAL, number=9, **DAY), authority().crl(number=8, **DAY)) is REVOKED
    assert ask(authority().crl(number=10, **DAY), authority().crl(SERIAL, number=9, **DAY)) is GOOD


def test_32_a_newer_list_that_is_stale_does_not_bring_an_older_one_back(ask):
    stale = {"this_update": NOW - 2 * HOUR, "next_update": NOW - HOUR}
    assert ask(authority().crl(number=1, **DAY), authority().crl(number=2, **stale)) is UNKNOWN


PLACE = x509.DistributionPoint([x509.DirectoryName(CITY)], None, None, None)


def with_entry_of_another_issuer(root):
    """Make a list that does not call itself indirect, with an entry of another issuer's certificate."""
    entry = x509.RevokedCertificateBuilder().serial_number(4).revocation_date(NOW - HOUR)
    entry = entry.add_extension(x509.CertificateIssuer([x509.DirectoryName(OTHER_CITY)]), critical=False).build()
    made = x509.CertificateRevocationListBuilder().issuer_name(root.certificate.subject)
    made = made.last_update(DAY["this_update"]).next_update(DAY["next_update"]).add_revoked_certificate(entry)
    made = made.add_extension(x509.CRLNumber(8), critical=False).sign(root.key, SHA256())
    return made.public_bytes(Encoding.DER)


def signed_with(hashed):
    def make(root):
        algorithm, made = ALGORITHMS[hashed]
        tbs = x509.load_der_x509_crl(root.crl(**DAY)).tbs_certlist_bytes.replace(ALGORITHMS["sha256"][0], algorithm)
        return tlv(0x30, tbs + algorithm + tlv(0x03, b"\0" + root.key.sign(tbs, PKCS1v15(), made)))

    return make


def test_a_list_put_together_by_hand_is_good_with_a_good_hash(ask):
    assert ask(signed_with("sha256")(authority())) is GOOD


GARBAGE = {
    "53 empty": lambda _: b"",
    "53 not a list": lambda _: b"<html>404 Not Found</html>",
    "53 a certificate": lambda root: root.pem(),
    "53 cut": lambda root: root.crl(**DAY)[:-1],
    "53 trailing byte": lambda root: root.crl(**DAY) + b"\0",
    "53 two lists in one file": lambda root: pem(root.crl(**DAY)) * 2,
    "53 signature of another key": lambda root: root.crl(**DAY, key=rsa_key("look-alike")),
    "53 one bit changed": lambda root: root.crl(4, **DAY).replace(b"\x02\x01\x04\x17", b"\x02\x01\x05\x17"),
    "53 signed with SHA-1": signed_with("sha1"),
    "53 signed with MD5": signed_with("md5"),
    "53 a change to another list": lambda root: root.crl(**DAY, extensions=[(x509.DeltaCRLIndicator(1), True)]),
    "53 a change to another list, not critical": lambda root: root.crl(
        **DAY, extensions=[(x509.DeltaCRLIndicator(1), False)]
    ),
    "53 of other issuers, not critical": lambda root: root.crl(
        **DAY, extensions=[(each, False) for each, _ in partial(indirect_crl=True)]
    ),
    "53 of another issuer in an entry": with_entry_of_another_issuer,
    "53 from the future": lambda root: root.crl(number=8, this_update=NOW + HOUR, next_update=NOW + 2 * HOUR),
    "53 unknown critical extension": lambda root: root.crl(
        **DAY, extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.200149.99"), b"\x05\0"), True)]
    ),
    "53 of authorities": lambda root: root.crl(**DAY, extensions=partial(only_contains_ca_certs=True)),
    "53 of other issuers": lambda root: root.crl(**DAY, extensions=partial(indirect_crl=True)),
    "53 for some reasons": lambda root: root.crl(
        **DAY, extensions=partial(only_some_reasons=frozenset([x509.ReasonFlags.key_compromise]))
    ),
    "53 of another place": lambda root: root.crl(**DAY, extensions=partial([OTHER_CITY])),
}


@pytest.mark.parametrize("case", GARBAGE)
def test_53_what_is_no_usable_list_makes_nobody_good(ask, case):
    content = GARBAGE[case](authority())
    assert ask(content) is UNKNOWN


@pytest.mark.parametrize("case", [case for case in GARBAGE if case != "53 of another place"])
def test_53_beside_a_good_list_it_changes_nothing_and_is_told(ask, folder, caplog, case):
    """A delta that took the full list's place would make a revoked certificate good again."""
    content = GARBAGE[case](authority())
    assert ask(authority().crl(SERIAL, number=7, **DAY), content) is REVOKED
    _, refused = folder.look([authority().certificate], NOW)
    [(file, reason)] = refused.items()
    assert file.name == "1.crl"
    assert reason in caplog.text or reason == NOT_SIGNED


def test_53_a_list_from_the_future_leaves_the_one_before_and_counts_when_its_time_has_come(ask):
    early = authority().crl(SERIAL, number=2, this_update=NOW + HOUR, next_update=NOW + 30 * HOUR)
    assert ask(authority().crl(**DAY), early) is GOOD
    assert ask(now=NOW + HOUR) is REVOKED


def test_53_a_list_older_than_one_that_was_there_is_refused_also_after_a_restart(ask, folder, caplog):
    assert ask(authority().crl(SERIAL, number=9, **DAY)) is REVOKED
    assert ask(authority().crl(number=8, **DAY)) is UNKNOWN
    assert "number 8 is older than 9" in caplog.text
    again = CrlFolder(folder.directory)
    [current], refused = again.look([authority().certificate], NOW)
    assert (current, ["older than 9" in reason for reason in refused.values()]) == ([], [True])
    assert ask(authority().crl(number=9, **DAY)) is GOOD
    assert ask(authority().crl(number=10, **DAY)) is GOOD


def test_53_a_list_that_a_session_was_asked_about_first_was_there_too(ask, folder):
    before_a_restart = CrlFolder(folder.directory)
    (folder.directory / "0.crl").write_bytes(authority().crl(SERIAL, number=7, **DAY))
    assert before_a_restart.names(authority().certificate, SERIAL, NOW)
    assert ask(authority().crl(number=6, **DAY)) is UNKNOWN


def test_53_what_was_seen_is_each_issuers_and_each_places_own(ask):
    new = authority("generation 2")
    assert ask(authority().crl(number=9, **DAY)) is GOOD
    assert ask(new.crl(number=1, **DAY), issuer=new) is GOOD
    placed = authority().crl(number=1, **DAY, extensions=partial([CITY]))
    assert ask(placed, replacing=[(distribution_point(CITY), False)]) is GOOD


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b'{"a": "b"}'])
def test_53_numbers_that_cannot_be_read_stop_nobody(ask, folder, content):
    folder.directory.with_name("crl-numbers.json").write_bytes(content)
    assert ask(authority().crl(number=9, **DAY)) is GOOD
    assert ask(authority().crl(number=8, **DAY)) is UNKNOWN


def test_53_numbers_that_cannot_be_written_are_remembered_until_the_end(ask, folder, caplog):
    folder.directory.with_name("crl-numbers.new").mkdir()
    assert ask(authority().crl(number=9, **DAY)) is GOOD
    assert "cannot be written" in caplog.text
    assert ask(authority().crl(number=8, **DAY)) is UNKNOWN


def test_53_an_unusable_file_beside_a_good_list_takes_nothing_away(ask, caplog):
    assert ask(b"half a downl", authority().crl(SERIAL, **DAY)) is REVOKED
    assert "0.crl is passed over" in caplog.text


def test_a_list_of_one_place_speaks_for_the_certificates_that_name_it(ask):
    lists = [
        authority().crl(*revoked, number=number, **DAY, extensions=partial([place]))
        for number, (place, revoked) in enumerate(((CITY, [SERIAL]), (OTHER_CITY, [])), 1)
    ]
    assert ask(*lists, replacing=[(distribution_point(CITY), False)]) is REVOKED
    assert ask(*lists, replacing=[(distribution_point(OTHER_CITY), False)]) is GOOD
    assert ask(*lists, without=[x509.CRLDistributionPoints]) is UNKNOWN


def test_a_full_list_that_says_where_its_changes_are_published_is_a_full_list(ask):
    assert ask(authority().crl(SERIAL, **DAY, extensions=[(x509.FreshestCRL([PLACE]), False)])) is REVOKED


def test_a_list_of_users_alone_speaks_for_them(ask):
    assert ask(authority().crl(SERIAL, **DAY, extensions=partial(only_contains_user_certs=True))) is REVOKED


def test_54_a_list_larger_than_the_cap_is_not_read(folder, ask, caplog):
    with (folder.directory / "0.crl").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)
    assert ask() is UNKNOWN
    assert "larger than 67108864 bytes" in caplog.text


def test_54_what_is_no_file_is_not_waited_for(folder, ask):
    os.mkfifo(folder.directory / "pipe.crl")
    assert ask(authority().crl(**DAY)) is GOOD


def test_54_a_look_up_does_not_walk_through_the_list(folder, ask):
    assert ask(authority().crl(*range(6, 2000), **DAY)) is GOOD
    [crl] = folder.lists()
    assert crl.serial_numbers is crl.serial_numbers
    assert isinstance(crl.serial_numbers, frozenset)


@pytest.mark.parametrize("place", ["../outside.crl", "file:../outside.crl", "/etc/passwd", "http://127.0.0.1:1/a.crl"])
def test_63_a_name_in_a_certificate_leads_to_no_file_and_no_address(folder, ask, place):
    (folder.directory.parent / "outside.crl").write_bytes(authority().crl(**DAY))
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(place)], None, None, None)
    assert ask(replacing=[(x509.CRLDistributionPoints([point]), False)]) is UNKNOWN


def test_63_only_lists_in_the_folder_itself_are_read(folder, ask):
    (folder.directory / "more").mkdir()
    (folder.directory / "folder.crl").mkdir()
    for name in ("more/0.crl", "list.crl.old", "crl"):
        (folder.directory / name).write_bytes(authority().crl(**DAY))
    assert ask() is UNKNOWN


def test_unchanged_lists_are_not_read_again_and_changed_ones_are(folder, ask):
    ask(authority().crl(**DAY))
    assert folder.lists()[0] is folder.lists()[0]
    assert ask(authority().crl(SERIAL, number=2, **DAY)) is REVOKED
    (folder.directory / "0.crl").unlink()
    assert ask() is UNKNOWN


def test_56_a_certificate_that_is_revoked_after_the_challenge_is_refused(trusting, folder):
    root = authority()
    certificate = root.issue(public_key=rsa_key().public_key(), serial_number=SERIAL)
    world = World(trusting(root, revocation=folder), root, certificate)
    answer, file = world.body(), folder.directory / "authority.crl"
    file.write_bytes(root.crl(**DAY))
    assert world.verifier.verify_certificate(der(certificate), NOW).revocation is GOOD
    file.write_bytes(root.crl(SERIAL, number=2, **DAY))
    for act in (lambda: world.verify(answer), lambda: world.verifier.verify_certificate(der(certificate), NOW)):
        with pytest.raises(PkiError) as refusal:
            act()
        assert refusal.value.code == "certificate-revoked"
