"""Certificates as nobody makes them, in structured DER: each field, each type of string, each form of a date."""

from random import Random

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from demo.authority import USER_AUTHENTICATION_POLICY
from tests.pki.resigned import ALGORITHM, ALGORITHMS, KEYS, spki, tlv

SEQUENCE, SET, OID = 0x30, 0x31, 0x06
COUNTRY, NAME, UNIT, NUMBER = (bytes.fromhex(each) for each in ("550406", "550403", "55040b", "550405"))
ATTRIBUTES = (
    COUNTRY,
    NAME,
    UNIT,
    NUMBER,
    *map(bytes.fromhex, ("55042d", "2a864886f70d010901", "0992268993f22c640119")),
)
STRINGS = (3, 4, 12, 18, 19, 20, 21, 22, 25, 26, 27, 28, 29, 30)
TYPES = (*STRINGS, 1, 2, 5, 6, 10, 16, 23, 24, 0x30, 0x31, 0x2C, 0x80, 0xA0, 0xA4)
CONTENTS = (
    b"JP",
    b"",
    b"\0",
    b"\xff",
    b"\xd8\x00",
    b"\0\xff\0\xff",
    b"A" * 65,
    "\u202e\x1b[2J".encode(),
    b"0\x03\x02\x01\x05",
)
DATES = (
    *((24, b"00000101000000Z"), (24, b"00010101000000Z"), (24, b"19491231235959Z"), (24, b"20261123000000Z")),
    *((24, b"20491231235959Z"), (24, b"20500101000000Z"), (24, b"99991231235959Z"), (24, b"99981231235959Z")),
    *((24, b"20260230000000Z"), (24, b"20261123000000"), (24, b"20261123000000+0900"), (24, b"20261123000000.5Z")),
    *((24, b"202611230000Z"), (24, b"20261123240000Z"), (24, b"20261123000060Z"), (24, b"-0010101000000Z"), (24, b"")),
    *((23, b"500101000000Z"), (23, b"491231235959Z"), (23, b"000101000000Z"), (23, b"260230000000Z"), (23, b"")),
    *(
        (23, b"2611230000Z"),
        (23, b"261123000000+0900"),
        (23, b"261123000060Z"),
        (23, b"20261123000000Z"),
        (23, b"\xff" * 13),
    ),
    *((12, b"261123000000Z"), (2, b"\x01"), (5, b""), (3, b"\0261123000000Z")),
)
BEGIN, END = tlv(23, b"250101000000Z"), tlv(23, b"350101145959Z")
IDENTIFIERS = {
    **{name: f"551d{number:02x}" for name, number in {"usage": 15, "policies": 32, "subject alternative": 17}.items()},
    **{
        name: f"551d{number:02x}" for name, number in {"issuer alternative": 18, "constraints": 19, "names": 30}.items()
    },
    **{name: f"551d{number:02x}" for name, number in {"points": 31, "authority key": 35, "subject key": 14}.items()},
    **{name: f"551d{number:02x}" for name, number in {"purposes": 37, "freshest": 46, "any policy": 54}.items()},
    **{
        name: f"551d{number:02x}"
        for name, number in {"policy constraints": 36, "mappings": 33, "issuing point": 28}.items()
    },
    "authority access": "2b06010505070101",
    "subject access": "2b0601050507010b",
    "features": "2b06010505070118",
    "no check": "2b0601050507300105",
    "timestamps": "2b06010401d679020402",
    "poison": "2b06010401d679020403",
    "template": "2b0601040182371507",
    "admissions": "2b24080303",
    "unknown": "2a0304",
}


def attribute(oid, kind, content):
    return tlv(SEQUENCE, tlv(OID, oid) + tlv(kind, content))


def name(*attributes):
    return tlv(SEQUENCE, b"".join(tlv(SET, each) for each in attributes))


def extension(kind, value, *, critical=False):
    return tlv(SEQUENCE, tlv(OID, bytes.fromhex(IDENTIFIERS[kind])) + critical * b"\x01\x01\xff" + tlv(4, value))


def directory(made):
    return tlv(0xA4, made)


def access(made):
    return tlv(SEQUENCE, tlv(SEQUENCE, tlv(OID, bytes.fromhex("2b06010505073001")) + directory(made)))


def points(inner):
    return tlv(SEQUENCE, tlv(SEQUENCE, inner))


PLACES = {
    "subject": lambda made: {"subject": made},
    "issuer": lambda made: {"issuer": made},
    "issuer alternative": lambda made: with_extension("issuer alternative", tlv(SEQUENCE, directory(made))),
    "subject alternative": lambda made: with_extension("subject alternative", tlv(SEQUENCE, directory(made))),
    "point": lambda made: with_extension("points", points(tlv(0xA0, tlv(0xA0, directory(made))))),
    "relative point": lambda made: with_extension("points", points(tlv(0xA0, tlv(0xA1, made[4:])))),
    "list's issuer": lambda made: with_extension("points", points(tlv(0xA2, directory(made)))),
    "freshest": lambda made: with_extension("freshest", points(tlv(0xA0, tlv(0xA0, directory(made))))),
    "authority key": lambda made: with_extension(
        "authority key", tlv(SEQUENCE, tlv(0xA1, directory(made)) + b"\x82\1\5")
    ),
    "authority access": lambda made: with_extension("authority access", access(made)),
    "subject access": lambda made: with_extension("subject access", access(made)),
    "constrained": lambda made: with_extension("names", tlv(SEQUENCE, tlv(0xA0, tlv(SEQUENCE, directory(made))))),
}
"""Each place that holds a name: what a name there changes of a certificate."""


def with_extension(kind, value, *, critical=False):
    return {"extensions": {kind: extension(kind, value, critical=critical)}}


class Maker:
    """Makes certificates of an authority out of parts; an ordinary card where nothing is said."""

    def __init__(self, authority, public_key):
        self.key = authority.key
        numbered = tlv(SEQUENCE, tlv(OID, bytes.fromhex("2a83088c9b5508050103") + b"\x1e"))
        assert USER_AUTHENTICATION_POLICY == "1.2.392.200149.8.5.1.3.30"
        self.parts = {
            "version": b"\xa0\x03\x02\x01\x02",
            "serial": b"\x02\x01\x05",
            "inner": ALGORITHM,
            "issuer": authority.certificate.subject.public_bytes(),
            "begin": BEGIN,
            "end": END,
            "subject": name(attribute(COUNTRY, 19, b"JP"), attribute(NAME, 12, b"1C2410DF79DGEL07202002B")),
            "spki": spki(public_key),
            "unique": b"",
            "outer": ALGORITHM,
            "unused": 0,
        }
        self.extensions = {
            "usage": extension("usage", b"\x03\x02\x07\x80", critical=True),
            "policies": extension("policies", tlv(SEQUENCE, numbered), critical=True),
            "subject key": extension("subject key", tlv(4, b"k" * 20)),
        }

    def make(self, *, signed=False, extensions=None, signature=None, **changed):
        """Put a certificate together, and let the authority sign it, or nobody."""
        parts = self.parts | changed
        listed = b"".join((self.extensions | (extensions or {})).values())
        content = b"".join(parts[each] for each in ("version", "serial", "inner", "issuer"))
        content += tlv(SEQUENCE, parts["begin"] + parts["end"]) + parts["subject"] + parts["spki"] + parts["unique"]
        tbs = tlv(SEQUENCE, content + tlv(0xA3, tlv(SEQUENCE, listed)))
        if signature is None:
            signature = self.key.sign(tbs, padding.PKCS1v15(), SHA256()) if signed else bytes(256)
        return tlv(SEQUENCE, tbs + parts["outer"] + tlv(3, bytes([parts["unused"]]) + signature))


class Dice:
    """Throws certificates with up to three oddities; the same seed throws the same."""

    def __init__(self, maker, seed):
        self.maker, self.random = maker, Random(seed)  # noqa: S311 - nothing secret
        self.card = maker.make(signed=True)

    def __iter__(self):
        while True:
            yield self.throw()

    def throw(self):
        changed, extensions, told = {}, {}, []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            kind = self.random.choice([each for each in dir(self) if each.startswith("_odd_")])
            made = getattr(self, kind)()
            extensions |= made.pop("extensions", {})
            changed |= made
            told.append(kind[5:])
        made = self.maker.make(signed=self.random.random() < 0.6, extensions=extensions, **changed)
        if self.random.random() < 0.1:
            told.append("bytes")
            place = self.random.randrange(len(made))
            made = (
                made[:place]
                + self.random.randbytes(self.random.randrange(3))
                + made[place + self.random.randrange(3) :]
            )
        return " and ".join(told), made

    def _any(self, values):
        return self.random.choice(list(values))

    def _attribute(self):
        if self.random.random() < 0.4:
            return attribute(self._any(ATTRIBUTES), self._any((12, 19)), self._any((b"JP", b"A" * 64, b"A" * 65, b"")))
        content = (
            self._any(CONTENTS) if self.random.random() < 0.7 else self.random.randbytes(self.random.randrange(40))
        )
        return attribute(self._any(ATTRIBUTES), self._any(TYPES), content)

    def _name(self):
        return self._any(
            (
                lambda: name(self._attribute()),
                lambda: name(attribute(COUNTRY, 19, b"JP"), self._attribute()),
                lambda: name(self._attribute() + self._attribute()),
                lambda: name(b""),
                name,
                self._tree,
            )
        )()

    def _tree(self, depth=3):
        """Make any DER; no tag is a sequence too often."""
        kind = self._any((*TYPES, 0x30, 0x30, 0xA0, 0xA1, 0x81, 0x82, 0x86, 0x87, 0x88))
        if depth and kind & 0x20:
            return tlv(kind, b"".join(self._tree(depth - 1) for _ in range(self.random.randrange(4))))
        return tlv(kind, self._any((*CONTENTS, self.random.randbytes(self.random.randrange(6)))))

    def _odd_name(self):
        return self._any(PLACES.values())(self._name())

    _odd_string = _odd_name  # names are where most goes wrong

    def _odd_date(self):
        return {self._any(("begin", "end")): tlv(*self._any(DATES))}

    def _odd_extension(self):
        kind = self._any(IDENTIFIERS)
        value = self._any((self._tree, lambda: self.random.randbytes(self.random.randrange(12)), bytes))()
        return with_extension(kind, value, critical=self.random.random() < 0.3)

    def _odd_extension_edited(self):
        kind = self._any(self.maker.extensions)
        value = bytearray(self.maker.extensions[kind])
        value[self.random.randrange(len(value))] ^= 1 << self.random.randrange(8)
        return {"extensions": {kind: bytes(value)}}

    def _odd_extension_twice(self):
        return {"extensions": {"again": self._any(self.maker.extensions.values())}}

    def _odd_key(self):
        return {"spki": self._any(KEYS.values())}

    def _odd_serial(self):
        return {"serial": self._any((b"\x02\0", b"\x02\x01\0", b"\x02\x01\x85", tlv(2, b"\x7f" * 21), self._tree()))}

    def _odd_version(self):
        return {
            "version": self._any(
                (b"", b"\xa0\x03\x02\x01\x00", b"\xa0\x03\x02\x01\x01", b"\xa0\x03\x02\x01\xff", self._tree())
            )
        }

    def _odd_algorithm(self):
        made = self._any(
            (*(each for each, _ in ALGORITHMS.values()), ALGORITHM[:-2].replace(b"\x30\x0d", b"\x30\x0b"), self._tree())
        )
        return self._any(({"inner": made}, {"outer": made}, {"inner": made, "outer": made}))

    def _odd_unique_identifier(self):
        return {"unique": self._any((b"\x81\x02\0A", b"\x82\x02\0A", b"\x81\x02\0A\x82\x02\0A", self._tree()))}

    def _odd_signature(self):
        return {
            "unused": self._any((1, 7, 8, 255)),
            "signature": self._any((None, b"", b"\0", bytes(256), bytes(4096))),
        }
