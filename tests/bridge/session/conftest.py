import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from demo.authority import Authority
from reader_bridge.origin import Origin
from reader_bridge.portal_client import PortalClient, trust_context
from reader_bridge.readers.virtual import VirtualReaders
from reader_bridge.session import converse
from reader_bridge.settings import Origins, Settings
from reader_bridge.virtual_card import VirtualCard

from .fake_portal import HANDLE, FakePortal

VALID = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": datetime(2031, 1, 1, tzinfo=UTC)}


@pytest.fixture(scope="session")
def authority():
    return Authority.create(**VALID)


@pytest.fixture(scope="session")
def card_key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="session")
def certificate(authority, card_key):
    return authority.issue(public_key=card_key.public_key(), **VALID).public_bytes(Encoding.DER)


@pytest.fixture
def make_card(card_key, certificate):
    def make(**differently):
        ordinary = {"certificate": certificate, "key": card_key, "authority_certificate": None, "pin": "4071"}
        return VirtualCard(**ordinary | differently)

    return make


@pytest.fixture
def card(make_card):
    return make_card()


@pytest.fixture
def readers(card):
    readers = VirtualReaders()
    readers.insert(card)
    return readers


@pytest.fixture
def portal():
    portal = FakePortal()
    yield portal
    portal.close()


class TlsAuthority(NamedTuple):
    pem: object  # path of its certificate
    server: object  # path of a key and certificate for localhost


@pytest.fixture(scope="session")
def tls_authority(tmp_path_factory):
    """Make a private authority with a certificate for localhost."""
    place = tmp_path_factory.mktemp("tls")
    key, root = _tls_certificate("Private authority", None, None)
    server_key, server = _tls_certificate("localhost", key, root.subject)
    files = TlsAuthority(place / "authority.pem", place / "server.pem")
    files.pem.write_bytes(root.public_bytes(Encoding.PEM))
    private = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.server.write_bytes(private + server.public_bytes(Encoding.PEM))
    return files


@pytest.fixture
def tls_portal(tls_authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls_authority.server)
    portal = FakePortal(tls=context)
    yield portal
    portal.close()


@pytest.fixture
def hold(portal, readers, tls_authority):
    """Hold one conversation with the portal as a citizen who has met it before."""

    def hold_conversation(face, *, at=portal, pins=(), sleep=lambda _: None, **names):
        origin = Origin.parse(at.origin)
        trust = None if origin.is_http else trust_context(tls_authority.pem)
        origins = Origins(Settings(known_origins=frozenset({at.origin}), http_origins=frozenset({portal.origin})))
        client = PortalClient(origin, trust=trust, pins=pins)
        converse(client, readers, face, origins=origins, sleep=sleep, **names or {"handle": HANDLE})

    return hold_conversation


def _tls_certificate(name, issuer_key, issuer):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(issuer or subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    return key, builder.add_extension(names, critical=False).sign(issuer_key or key, SHA256())
