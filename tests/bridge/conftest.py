from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.conversation.session import converse
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings
from reader_bridge.portal.way_out import trust_context
from tests.authority import Authority
from tests.tls import make_authority

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


@pytest.fixture(scope="session")
def tls_authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_portal(tls_authority):
    portal = FakePortal(tls=tls_authority.listener)
    yield portal
    portal.close()


@pytest.fixture
def hold(portal, readers, tls_authority):
    """Hold one conversation with the portal as a citizen who has met it before."""

    def hold_conversation(ui, *, at=portal, pins=(), sleep=lambda _: None, **names):
        origin = Origin.parse(at.origin)
        trust = None if origin.is_http else trust_context(tls_authority.trusted)
        origins = Origins(Settings(known_origins=frozenset({at.origin}), http_origins=frozenset({portal.origin})))
        client = PortalClient(origin, trust=trust, pins=pins)
        converse(client, readers, ui, origins=origins, sleep=sleep, **names or {"handle": HANDLE})

    return hold_conversation
