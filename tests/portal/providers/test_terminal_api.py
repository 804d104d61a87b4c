"""The calls of a terminal (bridge-protocol, "Terminals")."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from portal.extensions import db
from tests.conftest import NOW, VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen
from tests.portal.actors.tablet import UID, sent
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP, TARO, Town

BASE = {"base_url": "https://id.example.jp"}


def enrolled(town, provider=LIBRARY, **set_up):
    """Enrol a terminal; return it and what calls with its token."""
    with town.app.app_context():
        terminal, codes = town.services.terminals.add(provider, "受付1", **set_up)
    client = town.app.test_client()
    token = client.post("/api/v1/terminals", json={"enrolment_code": codes.bridge}, **BASE).json["token"]
    return terminal, calling(client, f"Bearer {token}"), codes


def calling(client, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    return lambda name, **fields: client.post(f"/api/v1/{name}", json=fields, headers=headers, **BASE)


@pytest.fixture
def desk(town):
    """Give a terminal of the library that is enrolled."""
    return enrolled(town)[1]


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


def test_an_enrolment_code_is_folded_and_spent_by_its_first_use(town):
    _, _, codes = enrolled(town)
    with town.app.app_context():
        _, fresh = town.services.terminals.add(LIBRARY, "受付2")
    client = town.app.test_client()
    typed = f"{fresh.bridge[:4]}-{fresh.bridge[4:8].lower()} {fresh.bridge[8:]}"
    calls = [client.post("/api/v1/terminals", json={"enrolment_code": code}, **BASE) for code in (typed, typed)]
    assert [call.status_code for call in calls] == [201, 404]
    assert calls[0].json["service_provider_id"] == LIBRARY
    for code in (codes.bridge, codes.page, fresh.page):  # a page's code enrols no bridge
        reply = client.post("/api/v1/terminals", json={"enrolment_code": code}, **BASE)
        assert (reply.status_code, reply.json["code"]) == (404, "enrolment-code-not-found")


def test_an_enrolment_code_is_good_for_a_day_and_ten_wrong_ones_a_minute_are_enough(town, clock):
    with town.app.app_context():
        _, codes = town.services.terminals.add(LIBRARY, "受付")
    clock.forward(hours=24)
    client = town.app.test_client()
    late = [client.post("/api/v1/terminals", json={"enrolment_code": codes.bridge}, **BASE) for _ in range(11)]
    assert [call.status_code for call in late] == [404] * 10 + [429]
    assert late[-1].headers["Retry-After"] == "60"


def revoke(town, terminal):
    town.services.terminals.revoke(terminal.terminal_id)


def suspend(town, terminal):
    town.services.providers.suspend(terminal.service_provider_id)


def replace(town, terminal):
    town.services.enrolment.enrol_bridge(town.services.terminals.new_codes(terminal.terminal_id).bridge)


INVALID = (401, "terminal-token-invalid")
REFUSED = [
    ("", None, INVALID),
    ("Bearer", None, INVALID),
    ("Bearer ", None, INVALID),
    ("Bearer wrong", None, INVALID),
    ("Bearer ああ", None, INVALID),
    ("Basic {own}", None, INVALID),
    ("{own}", None, INVALID),
    ("Bearer {own}x", None, INVALID),
    ("Bearer {page}", None, INVALID),
    ("Bearer {bridge_code}", None, INVALID),
    ("Bearer {claim}", None, INVALID),
    ("Bearer {own}", revoke, INVALID),
    ("Bearer {own}", replace, INVALID),
    ("Bearer {own}", suspend, (403, "service-provider-suspended")),
]
ROWS = [(call, *row) for call in ("taps", "inquiries", "service-links") for row in REFUSED]
ROWS += [(call, "Bearer {other}", None, (404, "service-id-not-registered")) for call in ("inquiries", "service-links")]


@pytest.mark.parametrize(("call", "authorization", "act", "refusal"), ROWS)
def test_who_is_refused(call, authorization, act, refusal, town, card):
    town.link(card, LIBRARY, "000123")
    terminal, secrets = secrets_of(town)
    if act:
        with town.app.app_context():
            act(town, town.services.terminals.known(terminal.terminal_id))
    link = {"service_id": "000124", "replaces": "000123"} if call == "service-links" else {}
    caller = calling(town.app.test_client(), authorization.format(**secrets))
    reply = caller(call, certificate=sent(card), **link)
    assert (reply.status_code, reply.json["code"]) == refusal
    assert town.look_up(card) == ("service-provider-suspended" if act is suspend else "000123")


def secrets_of(town):
    """Enrol a terminal of the library; return it and every secret that somebody might try in its place."""
    with town.app.app_context():
        terminals, enrol = town.services.terminals, town.services.enrolment
        terminal, codes = terminals.add(LIBRARY, "受付")
        secrets = {"own": enrol.enrol_bridge(codes.bridge)[1], "page": enrol.enrol_page(codes.page)[1]}
        secrets["bridge_code"] = terminals.new_codes(terminal.terminal_id).bridge
        secrets["other"] = enrol.enrol_bridge(terminals.add(SHOP, "受付")[1].bridge)[1]
    bridge = Bridge(town.app, town.card(), town.keys[0])
    secrets["claim"] = bridge.claim(Citizen(town.app).start("sign-in")).json["claim"]
    return terminal, secrets


@pytest.mark.parametrize("call", ["answers", "failures"])
def test_a_terminals_token_is_no_claim_of_a_bridge(call, town):
    _, secrets = secrets_of(town)
    reply = calling(town.app.test_client(), f"Bearer {secrets['own']}")(f"bridge/{call}", code="no-card")
    assert (reply.status_code, reply.json["code"]) == (401, "claim-invalid")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_a_provider_sees_its_own_links_alone(town, card):
    _, library, _ = enrolled(town)
    _, shop, _ = enrolled(town, SHOP)
    library("service-links", certificate=sent(card), service_id="000123")
    reply = shop("inquiries", certificate=sent(card))
    assert (reply.status_code, reply.json["code"]) == (404, "service-id-not-registered")
    assert shop("service-links", certificate=sent(card), service_id="000123").status_code == 201


def test_another_persons_service_id_is_in_use(town, card, desk):
    other = town.card(TARO)
    town.register(other)
    desk("service-links", certificate=sent(card), service_id="000123")
    reply = desk("service-links", certificate=sent(other), service_id="000123")
    assert (reply.status_code, reply.json["code"]) == (409, "service-id-in-use")


def test_an_unregistered_certificate_is_refused_before_revocation_and_a_bad_one_by_its_own_code(town, desk):
    unknown = desk("inquiries", certificate=sent(town.card()))
    assert (unknown.status_code, unknown.json["code"]) == (404, "mykey-id-not-registered")
    known = town.card()
    town.register(known)
    other_key = town.keys[1].public_key()
    twin = town.authority.issue(HANAKO, public_key=other_key, serial_number=known.serial_number, **VALID)
    assert desk("inquiries", certificate=sent(twin)).json["code"] == "mykey-id-not-registered"
    for text in ("AAAA", "*"):
        bad = desk("inquiries", certificate=text)
        assert (bad.status_code, bad.json["code"]) == (422, "certificate-malformed")


def test_a_card_with_another_kind_of_key_is_refused(town, desk):
    odd = town.authority.issue(public_key=generate_private_key(SECP256R1()).public_key(), **VALID)
    for call, fields in (("taps", {}), ("inquiries", {}), ("service-links", {"service_id": "1"})):
        reply = desk(call, certificate=sent(odd), **fields)
        assert (reply.status_code, reply.json["code"]) == (422, "algorithm-unsupported")


def test_taps_and_refusals_are_logged(card, desk, caplog):
    caplog.set_level("INFO", "portal.audit")
    desk("taps", certificate=sent(card))
    desk("inquiries", certificate=sent(card))
    tapped, refused = (json.loads(record.message) for record in caplog.records if "terminal" in record.message)
    assert tapped == {"event": "provider:terminal:tapped", "terminal": refused["terminal"], "card": "certificate"}
    refusal = {"call": "/api/v1/inquiries", "code": "service-id-not-registered"}
    assert refused == {"event": "provider:terminal:refused", "terminal": tapped["terminal"], **refusal}


def test_when_a_terminal_was_last_used_is_kept_to_24_seconds(town, clock):
    terminal, call, _ = enrolled(town)
    seen = []
    for seconds in (0, 23, 1):
        clock.forward(seconds=seconds)
        call("taps", service_card=UID)
        with town.app.app_context():
            seen.append(town.services.terminals.known(terminal.terminal_id).last_used_at)
    assert seen == [NOW, NOW, NOW + timedelta(seconds=24)]


def test_ten_wrong_typed_ids_a_minute_are_enough(town, card, desk):
    with town.app.app_context():
        town.services.service_providers.known(LIBRARY).typed_mykey_ids = True
        db.session.commit()
    desk("service-links", certificate=sent(card), service_id="000123")
    wrong = [desk("inquiries", mykey_id=f"PERSON{number:08}").status_code for number in range(10)]
    assert (wrong, desk("inquiries", mykey_id="1C2410DF79DGEL").status_code) == ([404] * 10, 429)
    assert desk("inquiries", certificate=sent(card)).status_code == 200


@pytest.mark.parametrize("service_id", ["", " 1", "x" * 65, "か\u3099", "1\x00", "1\u0085"])
def test_what_is_no_service_id_is_refused(service_id, card, desk):
    reply = desk("service-links", certificate=sent(card), service_id=service_id)
    assert (reply.status_code, reply.json["code"]) == (422, "service-id-malformed")


def test_a_call_of_another_shape_is_refused(card, desk):
    for name, fields in (
        ("taps", {}),
        ("taps", {"service_card": "08A1B2C3"}),
        ("inquiries", {"certificate": sent(card), "mykey_id": "1C2410DF79DGEL"}),
        ("service-links", {"certificate": sent(card)}),
        ("service-links", {"certificate": sent(card) + "\n", "service_id": "1"}),
        ("service-links", {"certificate": sent(card), "service_id": "\ud800"}),
        ("service-links", {"certificate": sent(card), "service_id": "1", "replaces": "\ud800"}),
        ("service-links", {"certificate": sent(card), "service_id": "1", "replaces": None}),
        ("service-links", {"certificate": sent(card), "service_id": "1", "mykey_id": "1C2410DF79DGEL"}),
    ):
        reply = desk(name, **fields)
        assert (reply.status_code, reply.json["code"]) == (400, "request-malformed"), name


def test_a_terminal_calls_so_often_a_minute(app_with, authority, keys, clock):
    town = Town(app_with(terminal_calls=2), authority, keys, clock)
    _, call, _ = enrolled(town)
    assert [call("taps", service_card="0114B3C2D4E5F607").status_code for _ in range(3)] == [204, 204, 429]
