"""Certificates that no library would sign: bytes of a good one are replaced and signed again."""

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256

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
