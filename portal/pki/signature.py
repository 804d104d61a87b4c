"""Signature algorithms: RS256 of today's card and ES384 of the next one; the key decides which."""

from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from portal.domain.codes import Code
from portal.pki.errors import PkiError, Reason

HASH_NAMES = {"RS256": "sha256", "ES384": "sha384"}
RSA_BITS = range(2048, 4096 + 1)
MIN_EXPONENT = 65537
PKCS1_V15, SHA_256, ECDSA_SHA_384 = padding.PKCS1v15(), SHA256(), ec.ECDSA(SHA384())
HALF = 48  # bytes of R and of S on P-384
PRIMES = [prime for prime in range(29, 702) if all(prime % smaller for smaller in range(2, 27))]


def algorithm_of(key: CertificatePublicKeyTypes) -> str:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
        numbers = key.public_numbers()
        if numbers.n % 2 == 0 or all(numbers.n % prime in _powers(prime) for prime in PRIMES):
            raise PkiError(Code.ALGORITHM_UNSUPPORTED, Reason.KEY_WEAK)
        if numbers.e >= MIN_EXPONENT and numbers.e % 2:
            return "RS256"
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return "ES384"
    raise PkiError(Code.ALGORITHM_UNSUPPORTED, "neither RSA of 2048 to 4096 bits nor P-384")


@cache
def _powers(prime: int) -> set[int]:
    """Return what moduli leave over that a flawed library on chips made (ROCA, CVE-2017-15361); others soon differ."""
    return {pow(MIN_EXPONENT, power, prime) for power in range(prime)}


def verify_signature(key: CertificatePublicKeyTypes, signature: bytes, message: bytes) -> None:
    """Verify with the one algorithm that fits the key; ES384 comes as raw R‖S."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, PKCS1_V15, SHA_256)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(_der_of(signature), message, ECDSA_SHA_384)
    except InvalidSignature:
        raise PkiError(Code.SIGNATURE_INVALID, "not this key over this origin and nonce") from None


def _der_of(signature: bytes) -> bytes:
    if len(signature) != 2 * HALF:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(signature[:HALF]), int.from_bytes(signature[HALF:]))
