"""OpenSC, which knows nothing of our code, is the judge of the virtual card; the bridge must agree with it."""

import subprocess
from math import ceil

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reader_bridge.card.apdu import SHA256_DIGEST_INFO

MESSAGE = b"what a citizen signs"


pytestmark = pytest.mark.usefixtures("card")


@pytest.fixture
def card(pcsc, issued):
    """Put a card that holds both kinds of certificate into the reader."""
    signing = {"signing_certificate": issued.certificate, "signing_key": issued.key}
    return pcsc.insert(issued.card(**signing, signing_authority=issued.authority))


@pytest.fixture
def read_and_sign(bridge):
    def steps():
        bridge.begin()
        certificate = bridge("certificate")
        bridge("tries_left")
        bridge("verify_pin", "1234")
        signature = bridge("sign", sha256(MESSAGE).hex())
        bridge("power_off")
        return bytes.fromhex(certificate), bytes.fromhex(signature)

    return steps


def sha256(message):
    digest = Hash(SHA256())
    digest.update(message)
    return digest.finalize()


def opensc_reads(pcsc, number):
    pem = pcsc.run("pkcs15-tool", "--read-certificate", number)
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def opensc_signs(pcsc, folder, mechanism, message):
    (folder / "input").write_bytes(message)
    ends = ["--input-file", folder / "input", "--output-file", folder / "signature"]
    pcsc.run("pkcs11-tool", "--sign", "--mechanism", mechanism, "--login", "--pin", "1234", "--id", "01", *ends)
    return (folder / "signature").read_bytes()


def openssl_verifies(folder, certificate, signature):
    key = x509.load_der_x509_certificate(certificate).public_key()
    (folder / "key.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "message").write_bytes(MESSAGE)
    (folder / "signature").write_bytes(signature)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout == b"Verified OK\n"


def test_opensc_takes_the_card_for_jpki(pcsc):
    assert pcsc.run("opensc-tool", "-n").strip() == b"jpki"


def test_opensc_and_the_bridge_read_the_same_certificate(pcsc, bridge, issued):
    bridge.begin()
    ours = bytes.fromhex(bridge("certificate"))
    bridge("power_off")
    assert ours == opensc_reads(pcsc, "1") == issued.certificate


def test_opensc_and_the_bridge_read_the_same_authority(pcsc, bridge, issued):
    bridge.begin()
    ours = bytes.fromhex(bridge("authority_certificate"))
    bridge("power_off")
    assert ours == opensc_reads(pcsc, "3") == issued.authority


def test_openssl_verifies_what_opensc_has_the_card_hash_and_sign(pcsc, issued, tmp_path):
    signature = opensc_signs(pcsc, tmp_path, "SHA256-RSA-PKCS", MESSAGE)
    assert openssl_verifies(tmp_path, issued.certificate, signature)


def test_openssl_verifies_what_opensc_has_the_card_sign(pcsc, issued, tmp_path):
    signature = opensc_signs(pcsc, tmp_path, "RSA-PKCS", SHA256_DIGEST_INFO + sha256(MESSAGE))
    assert openssl_verifies(tmp_path, issued.certificate, signature)


def test_openssl_verifies_what_the_bridge_has_the_card_sign(read_and_sign, issued, tmp_path):
    certificate, signature = read_and_sign()
    assert certificate == issued.certificate
    assert openssl_verifies(tmp_path, certificate, signature)


def test_the_bridge_needs_fewer_commands_than_opensc(pcsc, card, issued, read_and_sign, tmp_path):
    opensc_reads(pcsc, "1")
    theirs_to_read = len(card.trace)
    opensc_signs(pcsc, tmp_path, "SHA256-RSA-PKCS", MESSAGE)
    theirs_to_sign = len(card.trace) - theirs_to_read
    card.trace.clear()
    read_and_sign()
    ours_to_read = 2 + ceil(len(issued.certificate) / 256)
    assert len(card.trace) == ours_to_read + 5
    assert ours_to_read < theirs_to_read
    assert ours_to_read + 5 < theirs_to_sign
