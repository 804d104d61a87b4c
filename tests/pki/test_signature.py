"""Classes of bad input: algorithm, signature, and what binds an answer to one origin and one nonce."""

from base64 import b64decode, b64encode
from hashlib import new, sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from portal.pki.errors import PkiError
from portal.pki.token import new_nonce, signed_message
from tests.pki.conftest import NONCE, ORIGIN, ec_key, rsa_key, signature_of

ORDER_OF_P384 = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16
)
MESSAGE = signed_message(ORIGIN, NONCE, "sha256")
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + sha256(MESSAGE).digest()


def rsa_signature(signature):
    return lambda world: world.body(signature=b64encode(signature(world.key)).decode())


def padded_by_hand(key, *, garbage):
    """Sign a block whose padding is shortened to make room for garbage behind the digest."""
    filling = 256 - 3 - len(DIGEST_INFO) - len(garbage)
    block = b"\0\1" + b"\xff" * filling + b"\0" + DIGEST_INFO + garbage
    numbers = key.private_numbers()
    return pow(int.from_bytes(block), numbers.d, numbers.public_numbers.n).to_bytes(256)


def ec_body(world, signature=None, *, key=None, **changed):
    key = key or ec_key()
    if signature is not None:
        changed["signature"] = b64encode(signature).decode()
    return world.body(world.issue(public_key=key.public_key()), **({"key": ec_key()} | changed))


def with_key(public_key, **changed):
    return lambda world: world.body(world.issue(public_key=public_key()), **changed)


def with_algorithm(algorithm):
    return lambda world: world.body(algorithm=algorithm)


def es384_signature():
    return signature_of(ec_key(), signed_message(ORIGIN, NONCE, "sha384"))


def lengthened(signature):
    """Keep both numbers and add a zero before the second."""
    return signature[:48] + b"\0" + signature[48:]


def half(number):
    return number.to_bytes(48)


ALGORITHM = {
    "13 none": with_algorithm("none"),
    "13 empty": with_algorithm(""),
    "13 lower case": with_algorithm("rs256"),
    "13 control character": with_algorithm("RS256\n"),
    "14 HS256": with_algorithm("HS256"),
    "14 RS1": with_algorithm("RS1"),
    "14 RS512": with_algorithm("RS512"),
    "15 ES384 with an RSA key": with_algorithm("ES384"),
    "15 RS256 with a P-384 key": lambda world: ec_body(world, algorithm="RS256"),
    "15 ES384 with a P-256 key": lambda world: ec_body(world, key=ec_key(ec.SECP256R1)),
    "15 ES256 with a P-256 key": lambda world: ec_body(world, key=ec_key(ec.SECP256R1), algorithm="ES256"),
    "17 low exponent": with_key(lambda: rsa.RSAPublicNumbers(3, modulus(2048)).public_key()),
    "17 exponent below 65537": with_key(lambda: rsa.RSAPublicNumbers(65535, modulus(2048)).public_key()),
    "18 PS256": with_algorithm("PS256"),
    "23 RSA-1024": with_key(lambda: rsa.RSAPublicNumbers(65537, modulus(1024)).public_key()),
    "23 RSA-2047": with_key(lambda: rsa.RSAPublicNumbers(65537, modulus(2047)).public_key()),
    "23 RSA-4097": with_key(lambda: rsa.RSAPublicNumbers(65537, modulus(4097)).public_key()),
}


def modulus(bits):
    return (1 << bits) - 1


SIGNATURE = {
    "16 empty": rsa_signature(lambda _: b""),
    "16 short": rsa_signature(lambda key: key.sign(MESSAGE, padding.PKCS1v15(), SHA256())[:-1]),
    "16 long": rsa_signature(lambda key: b"\0" + key.sign(MESSAGE, padding.PKCS1v15(), SHA256())),
    "16 zero": rsa_signature(lambda _: bytes(256)),
    "16 other hash": rsa_signature(lambda key: key.sign(MESSAGE, padding.PKCS1v15(), SHA384())),
    "16 DER instead of R‖S": lambda world: ec_body(world, ec_key().sign(b"", ec.ECDSA(SHA384()))),
    "16 R and S zero": lambda world: ec_body(world, half(0) * 2),
    "16 R zero": lambda world: ec_body(world, half(0) + half(1)),
    "16 R and S = n": lambda world: ec_body(world, half(ORDER_OF_P384) * 2),
    "16 S above n": lambda world: ec_body(world, half(1) + b"\xff" * 48),
    "16 95 bytes": lambda world: ec_body(world, bytes(95)),
    "16 R and S of 49 bytes": lambda world: ec_body(world, lengthened(es384_signature())),
    "17 garbage behind the digest": rsa_signature(lambda key: padded_by_hand(key, garbage=b"A" * 100)),
    "18 PSS": rsa_signature(lambda key: key.sign(MESSAGE, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())),
    "42 other nonce": lambda world: world.body(nonce=b64encode(bytes(32)).decode()),
    **{
        f"43 {origin}": lambda world, origin=origin: world.body(origin=origin)
        for origin in (
            *(
                "https://evil.example.jp",
                "http://id.example.jp",
                "https://id.example.jp:8443",
                "https://id.example.jp/",
            ),
            *(
                "https://id.example.jp:443",
                "https://ID.example.jp",
                "https://xn--id-123.example.jp",
                "https://id。example.jp",
            ),
            *("https://id.example.jp.", "https://id.example.jp\0", "id.example.jp", ""),
        )
    },
    "44 another person's certificate": lambda world: world.body(key=rsa_key("somebody else")),
    "45 no nonce": lambda world: world.body(nonce=""),
    "48 nonce as bytes": rsa_signature(
        lambda key: key.sign(
            sha256(ORIGIN.encode()).digest() + sha256(b64decode(NONCE)).digest(), padding.PKCS1v15(), SHA256()
        )
    ),
    "49 no separation": rsa_signature(lambda key: key.sign((ORIGIN + NONCE).encode(), padding.PKCS1v15(), SHA256())),
    "49 moved border": lambda world: world.body(origin=ORIGIN + NONCE[:8], nonce=NONCE[8:]),
    "nonce alone": rsa_signature(lambda key: key.sign(NONCE.encode(), padding.PKCS1v15(), SHA256())),
}

CASES = [
    pytest.param(make, code, id=name)
    for table, code in ((ALGORITHM, "algorithm-unsupported"), (SIGNATURE, "signature-invalid"))
    for name, make in table.items()
]


@pytest.mark.parametrize(("make", "code"), CASES)
def test_bad_signature_is_refused(world, make, code):
    with pytest.raises(PkiError) as refusal:
        world.verify(make(world))
    assert refusal.value.code == code


def test_padding_by_hand_is_good_without_garbage(world):
    assert world.verify(rsa_signature(lambda key: padded_by_hand(key, garbage=b""))(world))


def test_next_card_signs_with_es384(world):
    assert world.verify(ec_body(world)).random_string == "1C2410DF79DGEL"


def test_right_answer_to_another_nonce_is_refused(world):
    with pytest.raises(PkiError, match="nonce"):
        world.verify(world.body(), nonce=b64encode(b"1" * 32).decode())


def test_nonce_is_32_random_bytes_in_44_characters():
    nonce = new_nonce(lambda size: bytes(range(size)))
    assert nonce == NONCE
    assert len(nonce) == 44
    assert len(b64decode(nonce)) == 32


@pytest.mark.parametrize(("hash_name", "begin"), [("sha256", "cff6b57dc85c0045"), ("sha384", "160f9cd849778cd0")])
def test_digest_that_the_card_signs_is_that_of_the_protocol(hash_name, begin):
    message = signed_message(ORIGIN, NONCE, hash_name)
    assert new(hash_name, message).hexdigest().startswith(begin)
