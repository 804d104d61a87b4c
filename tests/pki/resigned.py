"""What no library would make: certificates whose bytes are replaced and signed again, and keys in odd encodings."""

from math import prod

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM = bytes.fromhex("300d06092a864886f70d01010b0500")  # sha256WithRSAEncryption
ALGORITHMS = {
    name: (ALGORITHM.replace(b"\x0b\x05", bytes([last, 5])), made)
    for name, last, made in (("md5", 4, MD5()), ("sha1", 5, SHA1()), ("sha256", 11, SHA256()))  # noqa: S303 - refused
}


def tlv(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def resigned(certificate, key, replace=(ALGORITHM, ALGORITHM), *, inner="sha256", outer="sha256"):
    """Replace bytes (by as many, or in the outermost sequence), name other signature algorithms, and sign again."""
    tbs = certificate.tbs_certificate_bytes
    assert tbs.count(replace[0]) == 1
    tbs = tlv(0x30, tbs[4:].replace(*replace).replace(ALGORITHM, ALGORITHMS[inner][0]))
    algorithm, made = ALGORITHMS[outer]
    return tlv(0x30, tbs + algorithm + tlv(0x03, b"\0" + key.sign(tbs, padding.PKCS1v15(), made)))


def spki(public_key):
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rsa_spki(n, e=65537, algorithm="300d06092a864886f70d0101010500"):
    numbers = tlv(0x30, tlv(2, integer(n)) + tlv(2, integer(e)))
    return tlv(0x30, bytes.fromhex(algorithm) + tlv(3, b"\0" + numbers))


def integer(number):
    return number.to_bytes(number.bit_length() // 8 + 1, signed=True)


def ec_spki(point, curve="06052b81040022"):
    return tlv(0x30, tlv(0x30, bytes.fromhex("06072a8648ce3d0201" + curve)) + tlv(3, b"\0" + point))


FIELD = 2**384 - 2**128 - 2**96 + 2**32 - 1
A_P384 = FIELD - 3
B_P384 = int("b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef", 16)
ORDER = int("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16)
GENERATOR = (
    ec.derive_private_key(1, ec.SECP384R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)
PRIMES = [each for each in range(3, 702) if all(each % smaller for smaller in range(2, each))]
FLAWED = pow(65537, 12345, prod(PRIMES)) + (1 << 2046) // prod(PRIMES) * 2 * prod(PRIMES)
"""A modulus of 2048 bits as that library on chips made them, but for its factors: only its fingerprint is looked at."""
P384 = ec.derive_private_key(7, ec.SECP384R1()).public_key()
POINT = P384.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
EXPLICIT_P384 = tlv(
    0x30,
    b"\x02\x01\x01"
    + tlv(0x30, bytes.fromhex("06072a8648ce3d0101") + tlv(2, integer(FIELD)))
    + tlv(0x30, tlv(4, A_P384.to_bytes(48)) + tlv(4, B_P384.to_bytes(48)))
    + tlv(4, GENERATOR)
    + tlv(2, integer(ORDER))
    + b"\x02\x01\x01",
)
KEYS = {
    "a flawed library's modulus": rsa_spki(FLAWED),
    "explicit curve": ec_spki(POINT, EXPLICIT_P384.hex()),
    "even modulus": rsa_spki((1 << 2048) - 2),
    "no exponent": rsa_spki((1 << 2048) - 1, 0),
    "exponent one": rsa_spki((1 << 2048) - 1, 1),
    "even exponent": rsa_spki((1 << 2048) - 1, 65536),
    "modulus zero": rsa_spki(0),
    "modulus negative": rsa_spki(-5),
    "many bits": rsa_spki((1 << 9000) - 1),
    "for PSS": rsa_spki((1 << 2048) - 1, algorithm="300b06092a864886f70d01010a"),
    "without NULL": rsa_spki((1 << 2048) - 1, algorithm="300b06092a864886f70d010101"),
    "hybrid point": ec_spki(bytes([6 + POINT[-1] % 2]) + POINT[1:]),
    "compressed point": ec_spki(bytes([2 + POINT[-1] % 2]) + POINT[1:49]),
    "point at infinity": ec_spki(b"\0"),
    "point off the curve": ec_spki(POINT[:-1] + bytes([POINT[-1] ^ 1])),
    "no point": ec_spki(b""),
    "unknown curve": ec_spki(POINT, "06032a0304"),
    "implicit curve": ec_spki(POINT, "0500"),
    "Ed25519": spki(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
    "short Ed25519": bytes.fromhex("300d300506032b6570030400abcdef"),
    "unknown kind": tlv(0x30, tlv(0x30, tlv(0x06, b"\x2a\3\4")) + b"\x03\x02\0A"),
    "nothing": b"\x30\0",
}
