"""The calls of a bridge (bridge-protocol), and each bad input that HTTP can carry."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.web.problems import PROBLEMS
from tests.authority import Authority
from tests.conftest import NOW, VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen


def problem(response):
    assert response.content_type == "application/problem+json"
    assert response.json.keys() == {"type", "title", "status", "code"}
    assert response.json["status"] == response.status_code
    return response.status_code, response.json["code"]


def test_a_claim_gets_what_the_bridge_shows_and_signs(citizen, bridge):
    page = citizen.start()
    reply = bridge.claim(page)
    assert reply.status_code == 201
    assert reply.json.keys() == {"claim", "purpose", "parameters", "match_code", "nonce", "expires_at"}
    assert (reply.json["purpose"], reply.json["parameters"]) == ("register", {})
    assert len(reply.json["nonce"]) == 44
    assert reply.json["expires_at"] == "2026-11-23T03:05:00Z"
    assert reply.json["match_code"] in page.words


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {1} ", "{2}"])
def test_a_pairing_code_is_folded_as_it_was_typed(citizen, bridge, typed):
    shown = citizen.start().value("data-pairing-code")
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "-" else c for c in shown.lower())
    assert bridge.claim(pairing_code=typed.format(shown, shown.lower(), wide)).status_code == 201


def test_a_second_claim_ends_the_card_session_for_both(citizen, bridge, app, card, caplog):
    caplog.set_level("INFO", "portal.audit")
    page = citizen.start()
    bridge.claim(page)
    thief = Bridge(app, *card)
    assert problem(thief.claim(page)) == (409, "card-session-claimed")
    assert problem(bridge.answer()) == (409, "card-session-claimed")
    assert "ほかの読み取りプログラム" in citizen.get(citizen.waiting).words
    assert "claimed-twice" in caplog.text


def test_a_claim_after_the_answer_still_ends_it(citizen, bridge, app, card):
    page = citizen.start()
    bridge.claim(page)
    url = bridge.answer().json["completion_url"]
    assert problem(Bridge(app, *card).claim(page)) == (409, "card-session-claimed")
    citizen.get("/completion")
    assert citizen.post("/completion", code=url.partition("#")[2]).status == 404


@pytest.mark.parametrize("name", ["handle", "pairing_code"])
def test_an_unknown_name_is_not_found(bridge, name):
    assert problem(bridge.claim(**{name: "23456789"})) == (404, "card-session-not-found")


def test_ten_wrong_pairing_codes_a_minute_are_enough(bridge, citizen):
    for _ in range(10):
        assert problem(bridge.claim(pairing_code="23456789")) == (404, "card-session-not-found")
    refused = bridge.claim(pairing_code=citizen.start().value("data-pairing-code"))
    assert problem(refused) == (429, "rate-limited")
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.parametrize(("proxies", "limited"), [(0, True), (1, False)])
def test_62_wrong_pairing_codes_count_for_the_address_that_a_trusted_proxy_names(app_with, card, proxies, limited):
    bridge = Bridge(app_with(trusted_proxies=proxies), *card)
    for number in range(11):
        bridge.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        reply = bridge.claim(pairing_code="23456789")
    assert (problem(reply)[1] == "rate-limited") is limited


@pytest.mark.parametrize("named", ["203.0.113.9:{}", "[2001:db8::9]:{}", "nonsense{}"])
def test_one_caller_is_one_whatever_port_or_nonsense_the_proxy_names(app_with, card, named):
    bridge = Bridge(app_with(trusted_proxies=1), *card)
    for number in range(11):
        bridge.client.environ_base["HTTP_X_FORWARDED_FOR"] = named.format(4711 + number)
        reply = bridge.claim(pairing_code="23456789")
    assert problem(reply) == (429, "rate-limited")


def test_the_nonce_is_consumed_by_the_first_answer_right_or_wrong(citizen, bridge):
    bridge.claim(citizen.start())
    wrong = bridge.answer(signature="AAAA")
    assert problem(wrong) == (422, "signature-invalid")
    assert problem(bridge.answer()) == (409, "nonce-used")
    assert "署名を確かめられませんでした" in citizen.get(citizen.waiting).words


def test_46_of_two_answers_at_once_one_is_accepted(citizen, bridge):
    bridge.claim(citizen.start())
    with ThreadPoolExecutor(2) as threads:
        replies = list(threads.map(lambda _: bridge.answer(), range(2)))
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    assert next(reply.json["code"] for reply in replies if reply.status_code == 409) == "nonce-used"


def test_an_answer_by_handle_completes_by_url_and_by_pairing_code_by_digits(citizen, bridge):
    bridge.claim(citizen.start())
    url = bridge.answer().json
    assert list(url) == ["completion_url"]
    assert url["completion_url"].startswith("https://id.example.jp/completion#")
    assert 22 <= len(url["completion_url"].partition("#")[2]) <= 64
    bridge.claim(pairing_code=citizen.start().value("data-pairing-code"))
    digits = bridge.answer().json
    assert list(digits) == ["completion_code"]
    assert len(digits["completion_code"]) == 6
    assert digits["completion_code"].isdecimal()


@pytest.mark.parametrize("claim", [None, "", "no-such-claim", "ああ"])
@pytest.mark.parametrize("call", ["answers", "failures"])
def test_a_call_without_a_good_claim_is_refused(bridge, call, claim):
    assert problem(bridge.call(call, {"code": "no-card"}, claim)) == (401, "claim-invalid")


@pytest.mark.parametrize("code", ["certificate-absent", "pin-blocked", "cancelled", "internal"])
def test_a_final_failure_ends_the_card_session(citizen, bridge, code):
    bridge.claim(citizen.start())
    assert bridge.fail(code).status_code == 204
    assert citizen.get(citizen.waiting).value("data-card-session") == "ended"
    assert problem(bridge.answer()) == (410, "card-session-ended")


def test_what_comes_too_late_is_out_of_time(citizen, bridge, clock):
    page = citizen.start()
    clock.forward(minutes=5)
    assert problem(bridge.claim(page)) == (410, "card-session-expired")
    bridge.claim(citizen.start())
    clock.forward(minutes=5)
    assert problem(bridge.answer()) == (410, "card-session-expired")
    assert "時間が過ぎた" in citizen.get(citizen.waiting).words


def test_a_cancelled_or_replaced_card_session_is_over_for_the_bridge(citizen, bridge):
    bridge.claim(citizen.start())
    citizen.get(citizen.waiting)
    citizen.post(f"{citizen.waiting}/cancel")
    assert problem(bridge.answer()) == (410, "card-session-ended")
    bridge.claim(citizen.start())
    citizen.start()
    assert problem(bridge.answer()) == (410, "card-session-ended")


MALFORMED_CLAIMS = {
    "1 empty body": b"",
    "2 null": b"null",
    "5 no JSON": b"{",
    "6 array": b'["handle"]',
    "6 number": b"1",
    "6 string": b'"handle"',
    "7 duplicate field": b'{"handle": "a", "handle": "a"}',
    "8 unknown field": b'{"handle": "a", "extra": "b"}',
    "8 both names": b'{"handle": "a", "pairing_code": "b"}',
    "8 no field": b"{}",
    "8 unknown field that is no text": b'{"handle": "a", "\\ud800": "b"}',
    "8 a name of our own": b'{"root": {"handle": "a"}}',
    "9 deep nesting": b'{"handle": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "9 huge number": b'{"handle": ' + b"9" * 9000 + b"}",
    "9 not a number": b'{"handle": NaN}',
    "11 byte order mark": b'\xef\xbb\xbf{"handle": "a"}',
    "11 invalid UTF-8": b'{"handle": "\xff"}',
    "11 NUL": b'{"handle": "a\\u0000b"}',
    "11 NEL": b'{"handle": "a\\u0085"}',
    "11 line feed at the end": b'{"pairing_code": "23456789\\n"}',
    "11 lone surrogate": b'{"handle": "\\ud800"}',
    "19 wrong type": b'{"handle": 1}',
    "19 null": b'{"handle": null}',
}


@pytest.mark.parametrize("body", MALFORMED_CLAIMS.values(), ids=MALFORMED_CLAIMS)
def test_a_malformed_claim_is_refused(bridge, body):
    assert problem(bridge.call("claims", body)) == (400, "request-malformed")


@pytest.mark.parametrize("body", [b"", b"null", b"{", b'{"format": "web-eid:1.0"}'])
def test_a_malformed_answer_spends_the_nonce(citizen, bridge, body):
    bridge.claim(citizen.start())
    assert problem(bridge.call("answers", body, bridge.reply["claim"])) == (400, "token-malformed")
    assert problem(bridge.answer()) == (409, "nonce-used")


def test_a_body_of_more_than_16_kib_or_of_another_type_spends_nothing(citizen, bridge):
    bridge.claim(citizen.start())
    large = json.dumps(bridge.token(appVersion="x" * 16384)).encode()
    assert problem(bridge.call("answers", large, bridge.reply["claim"])) == (413, "body-too-large")
    address, claim = "/api/v1/bridge/answers", {"Authorization": f"Bearer {bridge.reply['claim']}"}
    typed = bridge.client.post(address, base_url=bridge.base, data=b"{}", content_type="text/plain", headers=claim)
    assert problem(typed) == (415, "media-type-unsupported")
    assert bridge.answer().status_code == 200


def test_a_call_reads_and_sets_no_cookie_and_nothing_keeps_its_reply(citizen, bridge):
    reply = bridge.claim(citizen.start())
    assert "Set-Cookie" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"
    assert not any(name.startswith("Access-Control") for name, _ in reply.headers)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-16", "text/json", "", "application/xml"])
def test_10_another_media_type_is_refused(bridge, media_type):
    reply = bridge.client.post("/api/v1/bridge/claims", base_url=bridge.base, data=b"{}", content_type=media_type)
    assert problem(reply) == (415, "media-type-unsupported")


@pytest.mark.parametrize("blank", ["\u3000", "\u00a0", "\u00ad", " ", "-"])
def test_a_pairing_code_may_be_typed_with_any_blank(citizen, bridge, blank):
    code = citizen.start().value("data-pairing-code").replace("-", blank)
    assert bridge.claim(pairing_code=code).status_code == 201


def test_62_one_household_counts_as_one_address(bridge):
    for number in range(11):
        bridge.client.environ_base["REMOTE_ADDR"] = f"2001:db8::{number + 1}"
        reply = bridge.claim(pairing_code="23456789")
    assert problem(reply)[1] == "rate-limited"


def test_62_ipv4_callers_of_a_socket_for_both_are_not_one_household(bridge):
    for number in range(11):
        bridge.client.environ_base["REMOTE_ADDR"] = f"::ffff:192.0.2.{number + 1}"
        reply = bridge.claim(pairing_code="23456789")
    assert problem(reply)[1] == "card-session-not-found"


def test_a_call_takes_no_session_from_a_cookie(complete, citizen, statements):
    complete()
    with statements() as seen:
        citizen.client.post("/api/v1/bridge/claims", base_url=citizen.base, json={"handle": "a"})
    assert not [statement for statement in seen if "browser_session" in statement]


def test_a_call_under_another_host_name_is_refused(app):
    client = app.test_client()
    reply = client.post("/api/v1/bridge/claims", base_url="https://evil.example", json={"handle": "a"})
    assert problem(reply) == (421, "host-unknown")
    assert problem(client.get("/api/v1/bridge/claims", base_url="https://evil.example")) == (421, "host-unknown")


def test_pairing_can_be_switched_off(app_with, card):
    app = app_with(pairing=False)
    assert Citizen(app).start().value("data-pairing-code") is None
    assert problem(Bridge(app, *card).claim(pairing_code="")) == (404, "card-session-not-found")


def test_while_no_authority_can_be_read_the_nonce_stays_unspent(citizen, bridge, instance):
    bridge.claim(citizen.start())
    (instance / "trust" / "demo.pem").rename(instance / "away")
    assert problem(bridge.answer()) == (503, "unavailable")
    (instance / "away").rename(instance / "trust" / "demo.pem")
    assert bridge.answer().status_code == 200


PAST = {"not_before": NOW - timedelta(days=9), "not_after": NOW - timedelta(days=1)}


def foreign(key):
    return Authority.create(not_before=VALID["not_before"], not_after=VALID["not_after"]).issue(public_key=key, **VALID)


CARDS = {
    "an expired certificate": ("certificate-expired", lambda authority, key: authority.issue(public_key=key, **PAST)),
    "a foreign authority": ("certificate-not-trusted", lambda _, key: foreign(key)),
    "a signing certificate": (
        "certificate-wrong-kind",
        lambda authority, key: authority.issue_signing(public_key=key, **VALID),
    ),
    "no random string": (
        "certificate-subject-invalid",
        lambda authority, key: authority.issue("1C2410", public_key=key, **VALID),
    ),
}


@pytest.mark.parametrize(("code", "issue"), CARDS.values(), ids=CARDS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_card_that_cannot_register_ends_with_its_code_and_its_sentence(app, authority, keys, code, issue, language):
    citizen = Citizen(app, language)
    bridge = Bridge(app, issue(authority, keys[0].public_key()), keys[0])
    bridge.claim(citizen.start())
    assert problem(bridge.answer()) == (422, code)
    page = citizen.get(citizen.waiting)
    assert page.value("data-card-session") == "ended"
    with app.test_request_context(headers=citizen.headers):
        assert str(PROBLEMS[code].title) in page.words
