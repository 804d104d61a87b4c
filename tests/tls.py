"""A private authority for TLS, as a municipality may run one, and a certificate of it for this machine."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class TlsAuthority(NamedTuple):
    trusted: Path  # its certificate, for the bridge to trust
    server: Path  # key and certificate for localhost
    listener: ssl.SSLContext


def make_authority(folder, now=None):
    """Write authority.pem and server.pem, valid a day before and after now."""
    now = now or datetime.now(UTC)  # TLS has no clock of ours
    authority_key, authority = _certificate("Private authority", now)
    key, certificate = _certificate("localhost", now, authority_key, authority)
    trusted, server = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(authority.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server)
    return TlsAuthority(trusted, server, context)


def _certificate(name, now, issuer_key=None, issuer=None):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = timedelta(days=1)
    builder = x509.CertificateBuilder(
        issuer.subject if issuer else subject,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now - day,
        now + day,
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name.split()[0])]), critical=False)
    return key, builder.sign(issuer_key or key, SHA256())
