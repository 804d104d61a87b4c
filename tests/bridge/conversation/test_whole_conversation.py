import re
from base64 import b64decode, b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from portal.domain.formats.typed_code import fold_code as portals_fold
from reader_bridge import __version__
from reader_bridge.conversation.session import fold_code
from reader_bridge.errors import Cancelled
from reader_bridge.portal.web_eid import digest_to_sign
from tests.bridge.conftest import VALID
from tests.bridge.fake_portal import CLAIM, DIGITS, FRAGMENT, HANDLE
from tests.bridge.fake_ui import FakeUI

TOKEN_FIELDS = {"format", "unverifiedCertificate", "algorithm", "signature", "appVersion"}


def test_a_link_leads_to_the_completion_page(hold, portal, certificate):
    ui = FakeUI("4071")
    hold(ui, handle=HANDLE)
    assert ui.urls == [f"{portal.origin}/completion#{FRAGMENT}"]
    assert (ui.codes, ui.failures, portal.failures) == ([], [], [])
    assert b64decode(portal.tokens[0]["unverifiedCertificate"]) == certificate


def test_a_pairing_code_leads_to_six_digits_with_their_origin(hold, portal):
    ui = FakeUI("4071")
    hold(ui, pairing_code=" ｋ７ｑｆ－4pxw ")
    assert ui.codes == [(DIGITS, portal.origin)]
    assert ui.urls == []


def test_a_pairing_code_is_folded_as_the_portal_folds_it():
    assert fold_code("あｋ７ｑｆ—4é٣pxw ②") == portals_fold("あｋ７ｑｆ—4é٣pxw ②") == "K7QF4PXW2"


@pytest.mark.parametrize("scheme", ["portal", "tls_portal"])
def test_the_token_is_a_web_eid_token_to_the_letter(hold, request, scheme):
    portal = request.getfixturevalue(scheme)
    hold(FakeUI("4071"), at=portal)
    [token] = portal.tokens
    assert set(token) == TOKEN_FIELDS
    assert (token["format"], token["algorithm"]) == ("web-eid:1.0", "RS256")
    assert re.fullmatch(r"https://[^/]+/reader-bridge/[0-9.]+", token["appVersion"])
    assert b64encode(b64decode(token["signature"], validate=True)).decode() == token["signature"]
    assert portal.signature_is_good(token)


def test_the_signed_digest_is_the_one_in_the_protocol():
    digest = digest_to_sign("https://id.example.jp", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert digest.hex().startswith("cff6b57dc85c0045")


def test_every_call_is_json_for_the_portals_own_name_and_carries_no_cookie(hold, portal):
    hold(FakeUI("4071"))
    paths = [path for path, _, _ in portal.calls]
    assert paths == ["/api/v1/bridge/claims", "/api/v1/bridge/answers"]
    for _, headers, body in portal.calls:
        assert headers["Content-Type"] == "application/json"
        assert headers["Host"] == portal.origin.removeprefix("http://")
        assert "Cookie" not in headers
        assert len(body) <= 16 * 1024
    assert [headers.get("Authorization") for _, headers, _ in portal.calls] == [None, f"Bearer {CLAIM}"]


def test_the_consent_shows_what_the_portal_asked_and_the_tries_left(hold, portal):
    portal.purpose, portal.parameters = "sell-the-house", {"price": "1"}
    ui = FakeUI("4071")
    hold(ui)
    [consent] = ui.consents
    assert (consent.origin, consent.purpose, consent.parameters) == (portal.origin, "sell-the-house", {"price": "1"})
    assert (consent.match_code, consent.tries_left, consent.last_problem) == ("47", 3, None)


def test_69_a_certificate_that_has_run_out_is_told_before_the_pin_is_asked(hold, portal):
    ui = FakeUI("")
    with pytest.raises(Cancelled):
        hold(ui, handle=HANDLE, now=lambda: VALID["not_after"] + timedelta(days=1))
    assert [consent.last_problem for consent in ui.consents] == ["certificate-expired"]
    assert portal.tokens == []


def test_nothing_from_the_card_has_left_when_the_pin_is_asked(hold, portal):
    calls = []
    hold(FakeUI(lambda: calls.extend(path for path, _, _ in portal.calls) or "4071"))
    assert calls == ["/api/v1/bridge/claims"]


def test_the_card_is_powered_off_before_the_answer_leaves(hold, portal, card):
    powered_off = []
    answer = portal.answer
    portal.answer = lambda *call: powered_off.append(card.power_offs) or answer(*call)
    hold(FakeUI("4071"))
    assert powered_off == [0, 1]


def test_the_bridge_opens_no_listening_port(hold):
    before = _listening()
    during = []
    hold(FakeUI(lambda: during.append(_listening()) or "4071"))
    assert during == [before]


def test_a_card_with_an_elliptic_curve_is_not_supported_yet(hold, readers, make_card, authority, portal):
    key = ec.generate_private_key(ec.SECP384R1())
    ec_certificate = authority.issue(public_key=key.public_key(), **VALID).public_bytes(Encoding.DER)
    readers.insert(make_card(certificate=ec_certificate))
    ui = FakeUI("4071")
    hold(ui, sleep=lambda _: readers.insert(make_card()))
    assert portal.failures == ["card-not-supported", "resolved"]
    assert ui.problems == ["algorithm-unsupported", None]
    assert ui.urls


def test_the_version_in_the_token_is_the_packages(hold, portal):
    hold(FakeUI("4071"))
    assert portal.tokens[0]["appVersion"].endswith(f"/reader-bridge/{__version__}")


def test_a_test_says_which_portal_was_reached_and_touches_no_card(hold, portal, card):
    portal.purpose = "test"
    ui = FakeUI()
    hold(ui)
    assert (ui.reached_origins, card.trace, portal.tokens) == ([portal.origin], [], [])


def test_every_call_names_the_bridge_and_the_language(hold, portal):
    hold(FakeUI("4071"))
    named = {(headers["User-Agent"], headers["Accept-Language"]) for _, headers, _ in portal.calls}
    assert named == {(f"reader-bridge/{__version__}", "ja")}


def test_a_signature_that_is_not_the_certificate_s_is_never_sent(hold, portal, readers, make_card):
    readers.insert(make_card(key=rsa.generate_private_key(65537, 2048)))
    with pytest.raises(Cancelled):
        hold(FakeUI("4071", ""))
    assert (portal.tokens, portal.failures) == ([], ["card-unreadable", "resolved", "cancelled"])


def test_another_card_put_in_while_the_pin_is_asked_is_told(hold, readers, make_card, authority, card_key):
    other = authority.issue(public_key=card_key.public_key(), **VALID).public_bytes(Encoding.DER)

    def exchanged():
        readers.insert(make_card(certificate=other))
        return "4071"

    ui = FakeUI(exchanged, "4071")
    hold(ui)
    assert [consent.last_problem for consent in ui.consents] == [None, "another-card"]
    assert ui.urls


def _listening():
    sockets = {each.readlink().name for each in Path("/proc/self/fd").iterdir() if each.is_symlink()}
    tables = [Path(f"/proc/self/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table]
    return {line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets}
