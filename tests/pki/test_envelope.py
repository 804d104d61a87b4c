"""Classes of bad input: envelope and format."""

from json import dumps

import pytest

from portal.pki.errors import PkiError
from tests.pki.conftest import der


def edited(old, new):
    return lambda world: world.body().replace(old, new, 1)


def with_fields(**fields):
    return lambda world: world.body(**fields)


def without(name):
    return lambda world: dumps({key: value for key, value in world.fields().items() if key != name}).encode()


def certificate_as(change):
    return lambda world: world.body(unverifiedCertificate=change(world.fields()["unverifiedCertificate"]))


BAD = {
    "1 empty": lambda _: b"",
    "2 null": lambda _: b"null",
    "3 short": lambda _: b'{"format": "web-eid:1.0"}',
    "5 not JSON": lambda _: b"A" * 1000,
    "5 second object": lambda world: world.body() * 2,
    "6 array": lambda world: b"[" + world.body() + b"]",
    "6 number": lambda _: b"1",
    "6 text": lambda _: b'"format"',
    "7 duplicate": edited(b"{", b'{"format": "web-eid:1.0", '),
    "7 duplicate in an inner object": edited(b'"web-eid:1.0"', b'{"a": 1, "a": 2}'),
    "8 unknown field": with_fields(supportedSignatureAlgorithms="RS256"),
    "8 name in other case": edited(b'"algorithm"', b'"Algorithm"'),
    "9 deep nesting": lambda _: b"[" * 16_000,
    "9 deep objects": lambda _: b'{"a":' * 3_000,
    "9 huge number": edited(b'"web-eid:1.0"', b"9" * 9_000),
    "9 NaN": edited(b'"web-eid:1.0"', b"NaN"),
    "9 infinity": edited(b'"web-eid:1.0"', b"-Infinity"),
    "11 NUL byte": edited(b"https://id", b"https://\0id"),
    "11 NUL escaped": edited(b"https://id", b"https://\\u0000id"),
    "11 BOM": lambda world: b"\xef\xbb\xbf" + world.body(),
    "11 UTF-16": lambda world: world.body().decode().encode("utf-16"),
    "11 invalid UTF-8": edited(b"https://id", b"https://\xff"),
    "11 overlong UTF-8": edited(b"https://id", b"https://\xc0\xaf"),
    "11 lone surrogate": edited(b"https://id", b"https://\\ud800"),
    "11 encoded surrogate": edited(b"https://id", b"https://\xed\xa0\x80"),
    "12 no format": without("format"),
    "12 empty format": with_fields(format=""),
    "12 other version": with_fields(format="web-eid:1.1"),
    "12 no version": with_fields(format="web-eid"),
    "12 without the dot": with_fields(format="web-eid:10"),
    "12 prefix": with_fields(format="web-eid:1.0-evil"),
    "12 space": with_fields(format=" web-eid:1.0"),
    "12 number": with_fields(format=1.0),
    "13 no algorithm": without("algorithm"),
    "13 null algorithm": with_fields(algorithm=None),
    "16 no signature": without("signature"),
    "16 signature not base64": with_fields(signature="!" * 344),
    "16 signature as an array": with_fields(signature=["QUJD"]),
    "19 no certificate": without("unverifiedCertificate"),
    "19 certificate as an array": with_fields(unverifiedCertificate=["MIID"]),
    "19 certificate as a number": with_fields(unverifiedCertificate=1),
    "19 not base64": with_fields(unverifiedCertificate="これは証明書です"),
    "19 line break": certificate_as(lambda text: text[:64] + "\n" + text[64:]),
    "19 no padding": with_fields(unverifiedCertificate="TQ"),
    "19 padding twice": certificate_as(lambda text: text + "===="),
    "19 other spelling of the same bytes": with_fields(unverifiedCertificate="TR=="),
    "19 base64url": with_fields(unverifiedCertificate="__--"),
    "no appVersion": without("appVersion"),
    "appVersion is no text": with_fields(appVersion=True),
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_bad_envelope_is_refused(world, make):
    with pytest.raises(PkiError) as refusal:
        world.verify(make(world))
    assert refusal.value.code == "token-malformed"


def test_order_of_fields_and_space_do_not_matter(world):
    fields = dict(reversed(world.fields().items()))
    verified = world.verify(dumps(fields, indent=4).encode())
    assert verified.der == der(world.certificate)
