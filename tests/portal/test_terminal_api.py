"""The calls of a terminal (bridge-protocol, "Terminals")."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.portal.town import LIBRARY


@pytest.fixture
def desk(town):
    """Give a terminal of the library that is enrolled."""
    with town.app.app_context():
        _, codes = town.rooms.terminals.add(LIBRARY, "受付1")
    client = town.app.test_client()
    base = {"base_url": "https://id.example.jp"}
    token = client.post("/api/v1/terminals", json={"enrolment_code": codes.bridge}, **base).json["token"]

    def call(name, **fields):
        headers = {"Authorization": f"Bearer {token}"}
        return client.post(f"/api/v1/{name}", json=fields, headers=headers, **base)

    return call


def sent(certificate):
    return b64encode(certificate.public_bytes(Encoding.DER)).decode()


@pytest.fixture
def card(town):
    """Give a card that is registered."""
    card = town.card()
    town.register(card)
    return card


def test_a_link_is_made_looked_up_and_not_made_twice(card, desk):
    card = sent(card)
    linked = desk("service-links", certificate=card, service_id="000123")
    assert (linked.status_code, linked.json) == (201, {"service_provider_id": LIBRARY, "service_id": "000123"})
    found = desk("inquiries", certificate=card)
    assert (found.status_code, found.json) == (200, {"service_provider_id": LIBRARY, "service_id": "000123"})
    again = desk("service-links", certificate=card, service_id="000123")
    assert (again.status_code, again.json["code"]) == (409, "service-id-already-registered")
    replaced = desk("service-links", certificate=card, service_id="000124", replaces="000123")
    assert (replaced.status_code, replaced.json["service_id"]) == (201, "000124")


def test_a_tap_outside_goes_nowhere(card, desk):
    assert desk("taps", service_card="0114B3C2D4E5F607").status_code == 204
    assert desk("taps", certificate=sent(card)).status_code == 204
