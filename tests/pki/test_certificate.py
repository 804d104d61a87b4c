"""Classes of bad input: bytes of a certificate, its kind, its dates, its subject."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from demo.authority import key_usage, name_of, policies
from portal.pki.errors import PkiError
from tests.authority import DIGITAL_SIGNATURE_POLICY, PERSONAL_DATA
from tests.pki.conftest import BEGIN, END, NOW, authority, der
from tests.pki.made_up import Maker, with_extension
from tests.pki.resigned import ALGORITHM, KEYS, resigned, tlv

SECOND = timedelta(seconds=1)
COMMON_NAME = "1C2410DF79DGEL07202002B"
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.200149.99"), b"\x05\0")


def issued(*args, **facts):
    return lambda world: world.issue(*args, **facts)


def bytes_of(change):
    return lambda world: change(der(world.certificate))


def edited(old, new, **algorithms):
    pair = (bytes.fromhex(old), bytes.fromhex(new))
    return lambda world: resigned(world.certificate, world.authority.key, pair, **algorithms)


def signed_with(**algorithms):
    return lambda world: resigned(world.certificate, world.authority.key, **algorithms)


def usage(*bits, critical=True):
    return issued(replacing=[(key_usage(*bits), critical)])


def extended_usage(*purposes):
    return issued(replacing=[(x509.ExtendedKeyUsage(purposes), False)])


def subject(*attributes):
    return issued(subject=name_of(*attributes))


def made(**changed):
    """Make a card out of parts; it is the world's authority that signs it, where it is said to be signed."""
    return lambda world: Maker(world.authority, world.key.public_key()).make(**changed)


def indefinite(encoded):
    return b"\x30\x80" + encoded[4:] + b"\0\0"


NOBODY_NEEDS = (
    "issuer alternative",
    "authority access",
    "subject key",
    "authority key",
    "points",
    "subject access",
    "freshest",
)
"""Extensions that decide nothing; malformed they refuse a certificate all the same, for the view has to read them."""
MALFORMED = {
    "19 empty": bytes_of(lambda _: b""),
    "19 not a certificate": bytes_of(lambda _: b"This is not a certificate"),
    "20 trailing byte": bytes_of(lambda encoded: encoded + b"\0"),
    "20 cut": bytes_of(lambda encoded: encoded[:-1]),
    "20 indefinite length": bytes_of(indefinite),
    "20 two certificates": bytes_of(lambda encoded: encoded * 2),
    "20 PEM": lambda world: world.certificate.public_bytes(Encoding.PEM),
    "20 base64 twice": bytes_of(b64encode),
    "21 above 8 KiB": issued(replacing=[(x509.UnrecognizedExtension(UNKNOWN.oid, bytes(8192)), False)]),
    "22 extension twice": edited("0603551d0e", "0603551d23"),
    "22 serial number negative": edited("a003020102020105", "a003020102020185"),
    "22 serial number zero": edited("a003020102020105", "a003020102020100"),
    "22 serial number of 21 octets": edited("a003020102020105", "a0030201020215" + "7f" * 21),
    "22 key usage is no bit string": edited("0603551d0f0101ff040403020780", "0603551d0f0101ff040404020780"),
    "22 version 2": edited("a003020102020105", "a003020101020105"),
    "23 even exponent": edited("0203010001", "0203010000"),
    "26 end of all time": issued(not_after=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "39 UTF8String that is not UTF-8": edited("06035504030c1731", "06035504030c17ff"),
    "unused bits in the signature": made(signed=True, signature=bytes(256), unused=1),
    "unique identifier of the subject": made(signed=True, unique=b"\x82\x02\0A"),
    **{f"malformed {kind}": made(signed=True, **with_extension(kind, b"\x02\x01\0")) for kind in NOBODY_NEEDS},
}
WRONG_KIND = {
    "28 certificate of an authority": lambda world: der(world.authority.certificate),
    "33 no key usage": issued(without=[x509.KeyUsage]),
    "33 key usage not critical": usage("digital_signature", critical=False),
    "34 key usage for encryption": usage("key_encipherment"),
    "34 key usage for certificates": usage("digital_signature", "key_cert_sign"),
    "34 non-repudiation": usage("digital_signature", "content_commitment"),
    "34 extended key usage of a server": extended_usage(ExtendedKeyUsageOID.SERVER_AUTH),
    "34 name constraints": made(signed=True, **with_extension("names", tlv(0x30, tlv(0xA0, tlv(0x30, b"\x82\x01a"))))),
    "34 an authority by basic constraints": issued(replacing=[(x509.BasicConstraints(ca=True, path_length=0), True)]),
    "35 policy of signing": issued(policy=DIGITAL_SIGNATURE_POLICY),
    "35 any policy": issued(policy="2.5.29.32.0"),
    "35 two policies": issued(
        replacing=[(policies("1.2.392.200149.8.5.1.3.30", DIGITAL_SIGNATURE_POLICY), True)],
    ),
    "35 policies not critical": issued(replacing=[(policies("1.2.392.200149.8.5.1.3.30"), False)]),
    "36 no policies": issued(without=[x509.CertificatePolicies]),
    "37 signing certificate": lambda world: der(world.authority.issue_signing(public_key=world.key.public_key())),
    "37 personal data": issued(
        replacing=[(x509.SubjectAlternativeName([x509.OtherName(PERSONAL_DATA, b"\x0c\x01A")]), False)],
    ),
}
BARE = ALGORITHM[:-2].replace(b"\x30\x0d", b"\x30\x0b")  # sha256WithRSAEncryption without its NULL
NOT_TRUSTED = {
    "22 unknown critical extension": ("extension-critical", issued(replacing=[(UNKNOWN, True)])),
    **{
        f"critical {kind}": ("extension-critical", made(signed=True, **with_extension(kind, value, critical=True)))
        for kind, value in {
            "authority key": b"\x30\x03\x80\x01k",
            "subject key": b"\x04\x01k",
            "authority access": b"\x30\0",
            "points": b"\x30\0",
        }.items()
    },
    "22 two signature algorithms": ("signature-algorithms-differ", signed_with(inner="sha1")),
    "23 signed with SHA-1": ("signature-algorithm", signed_with(inner="sha1", outer="sha1")),
    "23 signed with MD5": ("signature-algorithm", signed_with(inner="md5", outer="md5")),
    "signed with an unknown algorithm": (
        "signature-algorithm",
        made(inner=bytes.fromhex("300506032a0304"), outer=bytes.fromhex("300506032a0304")),
    ),
    "no NULL after the algorithm": ("signature-parameters", made(signed=True, inner=BARE, outer=BARE)),
    "no NULL after one of them": ("signature-algorithms-differ", made(signed=True, inner=BARE)),
    "GeneralizedTime before 2050": ("date-form", made(signed=True, end=tlv(24, b"20350101145959Z"))),
    "GeneralizedTime before 1950 as well": ("date-form", made(signed=True, begin=tlv(24, b"19500101000000Z"))),
    "23 signature over other bytes": (
        "authority-unknown",
        bytes_of(lambda encoded: encoded.replace(b"DGEL", b"DGEM")),
    ),
    "all of it by nobody": (
        "authority-unknown",
        made(end=tlv(24, b"20350101145959Z"), **with_extension("unknown", b"", critical=True)),
    ),
}
SUBJECT = {
    **{
        f"39 {name}": issued(common_name)
        for name, common_name in {
            "22 characters": COMMON_NAME[:-1],
            "24 characters": COMMON_NAME + "A",
            "lower case": COMMON_NAME.lower(),
            "full-width": "Ａ" + COMMON_NAME[1:],
            "homoglyph": "\N{CYRILLIC CAPITAL LETTER ES}" + COMMON_NAME[1:],
            "Arabic digit": "\N{ARABIC-INDIC DIGIT ONE}" + COMMON_NAME[1:],
            "NUL": "\0" + COMMON_NAME[1:],
            "line feed": COMMON_NAME[:-1] + "\n",
            "line feed after": COMMON_NAME + "\n",
            "hyphen": COMMON_NAME[:-1] + "-",
        }.items()
    },
    **{
        f"39 {character!a} at {place}": issued(COMMON_NAME[:place] + character + COMMON_NAME[place + 1 :])
        for place in (0, 13, 14, 22)
        for character in ("a", "Ａ", "１", "\N{ARABIC-INDIC DIGIT ONE}", " ", "-", "\0", "\n", "")
    },
    "39 no common name": subject(("C", "JP")),
    "39 empty": subject(),
    "39 several common names": subject(("C", "JP"), ("CN", COMMON_NAME), ("CN", COMMON_NAME)),
    "39 more than a common name": subject(("C", "JP"), ("L", "Aizu"), ("CN", COMMON_NAME)),
    "39 other country": subject(("C", "EE"), ("CN", COMMON_NAME)),
    "39 no country": subject(("CN", COMMON_NAME)),
    "39 T61String": edited("06035504030c17", "06035504031417"),
    "39 IA5String": edited("06035504030c17", "06035504031617"),
    "40 terminal code": issued(COMMON_NAME[:14] + "07202-02b"),
}
UNSUPPORTED = {
    f"23 {kind}": made(signed=True, spki=KEYS[kind])
    for kind in (
        *("even modulus", "for PSS", "without NULL", "hybrid point", "compressed point", "explicit curve"),
        *("Ed25519", "unknown kind", "unknown curve", "a flawed library's modulus"),
    )
}
TABLES = {
    "algorithm-unsupported": UNSUPPORTED,
    "certificate-malformed": MALFORMED,
    "certificate-wrong-kind": WRONG_KIND,
    "certificate-not-trusted": {name: make for name, (_, make) in NOT_TRUSTED.items()},
    "certificate-subject-invalid": SUBJECT,
}
CASES = [pytest.param(make, code, id=name) for code, table in TABLES.items() for name, make in table.items()]


@pytest.mark.parametrize(("make", "code"), CASES)
def test_bad_certificate_is_refused(world, make, code):
    certificate = make(world)
    with pytest.raises(PkiError) as in_a_token:
        world.verify(world.body(certificate))
    with pytest.raises(PkiError) as alone:
        world.verifier.verify_certificate(certificate, NOW)
    assert (in_a_token.value.code, alone.value.code) == (code, code)


@pytest.mark.parametrize(("reason", "make"), NOT_TRUSTED.values(), ids=NOT_TRUSTED)
def test_what_is_not_trusted_has_a_reason_of_its_own(world, make, reason):
    certificate = make(world)
    with pytest.raises(PkiError) as refusal:
        world.verifier.verify_certificate(certificate, NOW)
    assert refusal.value.reason == reason
    assert [check.reason for check in world.verifier.explain(certificate, NOW, ask=False)][2] == reason


def by_stranger(world):
    return der(authority("look-alike").issue(public_key=world.key.public_key()))


DATES = {
    "26 not yet valid": (issued(not_before=NOW + SECOND), NOW, "certificate-not-yet-valid"),
    "26 expired": (issued(not_after=NOW - SECOND), NOW, "certificate-expired"),
    "31 first second": (issued(), BEGIN, None),
    "31 second before": (issued(), BEGIN - SECOND, "certificate-not-yet-valid"),
    "31 last second": (issued(), END, None),
    "31 end of the last second": (issued(), END + SECOND * 0.999, None),
    "31 stranger's, in the last second": (by_stranger, END + SECOND * 0.999, "certificate-not-trusted"),
    "31 second after": (issued(), END + SECOND, "certificate-expired"),
    "31 second after, said in Japan": (issued(), (END + SECOND).astimezone(), "certificate-expired"),
}


@pytest.mark.parametrize(("make", "now", "code"), DATES.values(), ids=DATES)
def test_validity_includes_both_its_ends(world, make, now, code):
    body = world.body(make(world))
    if code is None:
        assert world.verify(body, now=now)
        return
    with pytest.raises(PkiError) as refusal:
        world.verify(body, now=now)
    assert refusal.value.code == code


GOOD = {
    "with the extended key usage of a client": extended_usage(ExtendedKeyUsageOID.CLIENT_AUTH),
    "with basic constraints that deny an authority": issued(
        replacing=[(x509.BasicConstraints(ca=False, path_length=None), True)]
    ),
    "with an alternative name that is nobody's": issued(
        replacing=[(x509.SubjectAlternativeName([x509.DNSName("id.example.jp")]), False)]
    ),
    "with an unknown extension that is not critical": issued(replacing=[(UNKNOWN, False)]),
    "with a common name in PrintableString": edited("06035504030c17", "06035504031317"),
    "with the longest serial number": issued(serial_number=(1 << 159) - 1),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_certificate_passes(world, make):
    verified = world.verify(world.body(make(world)))
    assert verified.random_string + verified.terminal_code == COMMON_NAME
