from datetime import UTC, datetime, timedelta

import pytest

from demo.virtual_card.readers import VirtualReaders
from reader_bridge.desktop.doctor import empty_beside_a_good_card, examine_portals, examine_readers, examine_session
from reader_bridge.errors import PcscMissing
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from tests.bridge.portal.test_bounded_reply import server_that_sends

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)


def codes(readers, now=NOW):
    return [(finding.code, finding.good) for finding in examine_readers(readers, now)]


def test_a_card_that_can_be_used_is_good_and_keeps_its_tries(readers, card):
    [finding] = examine_readers(readers, NOW)
    assert (finding.subject, finding.code, finding.good, finding.detail) == (
        "Virtual reader",
        "card-good",
        True,
        "PIN 3/3",
    )
    assert (card.tries_left, card.power_offs) == (3, 0)


def test_every_reader_has_its_own_finding(readers, make_card):
    readers.plug_in("Locked")
    readers.insert(make_card(tries=0), "Locked")
    readers.plug_in("Other")
    readers.insert(make_card(other_card=True), "Other")
    readers.plug_in("Empty")
    assert codes(readers) == [
        ("card-good", True),
        ("pin-blocked", False),
        ("card-not-supported", False),
        ("no-card", False),
    ]


def test_an_expired_certificate_is_named(readers):
    assert codes(readers, datetime(2032, 1, 1, tzinfo=UTC)) == [("certificate-expired", False)]


def test_an_odd_certificate_is_an_unreadable_card(readers, make_card, certificate):
    readers.insert(make_card(certificate=certificate.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05")))
    assert codes(readers) == [("card-unreadable", False)]


def test_a_stopped_service_and_no_reader_are_named(readers):
    readers.unplug()
    assert codes(readers) == [("no-reader", False)]
    readers.service_stopped = True
    assert codes(readers) == [("no-service", False)]


@pytest.mark.parametrize(
    ("environment", "subjects"),
    [
        ({}, []),
        ({"SESSIONNAME": "Console"}, []),
        ({"SESSIONNAME": "RDP-Tcp#7"}, ["RDP"]),
    ],
)
def test_a_session_from_another_computer_is_a_note(environment, subjects):
    found = list(examine_session(environment))
    assert [finding.subject for finding in found] == subjects
    assert all(finding.note and finding.code == "remote-session" for finding in found)


def test_an_empty_slot_beside_a_good_card_is_a_note(readers):
    readers.plug_in("Another")
    found = list(examine_readers(readers, NOW))
    assert [finding.code for finding in empty_beside_a_good_card(found)] == ["no-card"]
    readers.remove()
    assert empty_beside_a_good_card(list(examine_readers(readers, NOW))) == []


def test_a_missing_pyscard_is_named(monkeypatch):
    def missing(_):
        raise PcscMissing

    monkeypatch.setattr(VirtualReaders, "list", missing)
    assert [finding.code for finding in examine_readers(VirtualReaders(), NOW)] == ["pcsc-missing"]


@pytest.mark.parametrize(("minutes", "code"), [(0, "portal-good"), (10, "clock-wrong"), (-10, "clock-wrong")])
def test_the_clock_is_held_against_the_portals(portal, minutes, code):
    client = PortalClient(Origin.parse(portal.origin))
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    assert [finding.code for finding in examine_portals([client], lambda: now)] == [code]


@pytest.mark.parametrize(
    "date", ["", "soon", "Mon, 23 Nov 2026 05:00:00 -0000", "Mon, 23 Nov 2026 05:00:00 +9999999999999"]
)
def test_a_date_that_is_none_is_a_malformed_reply(date):
    reply = f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n".encode()
    with server_that_sends([reply]) as client:
        assert [finding.code for finding in examine_portals([client], lambda: NOW)] == ["portal-reply-malformed"]


def test_a_portal_that_is_untrusted_is_named(tls_portal):
    client = PortalClient(Origin.parse(tls_portal.origin))
    [finding] = examine_portals([client], lambda: NOW)
    assert (finding.subject, finding.code, finding.good) == (tls_portal.origin, "portal-untrusted", False)
