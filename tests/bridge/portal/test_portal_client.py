"""The road to the portal: one origin, verified, and replies of one shape."""

import socket
import ssl

import pytest

from reader_bridge.errors import PortalRefused, PortalReplyMalformed, PortalUnreachable, PortalUntrusted
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.way_out import trust_context
from tests.bridge.fake_portal import CLAIM, FRAGMENT, HANDLE, NONCE, FakePortal, json_reply, problem
from tests.bridge.fake_ui import FakeUI

CLAIMS, ANSWERS = "/api/v1/bridge/claims", "/api/v1/bridge/answers"


def client(portal, **differently):
    return PortalClient(Origin.parse(portal.origin), **differently)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", [CLAIMS, ANSWERS])
def test_a_redirect_to_another_host_is_refused_and_not_followed(hold, portal, path, status):
    elsewhere = FakePortal()
    portal.replies[path] = (status, {"Location": elsewhere.origin + path}, b"")
    ui = FakeUI("4071")
    with pytest.raises(PortalReplyMalformed):
        hold(ui)
    assert (elsewhere.calls, ui.failures, ui.urls) == ([], ["portal-reply-malformed"], [])
    elsewhere.close()


def test_a_portal_whose_authority_is_unknown_is_untrusted(tls_portal):
    with pytest.raises(PortalUntrusted):
        client(tls_portal).claim(handle=HANDLE)
    assert tls_portal.calls == []


def test_a_certificate_for_another_name_is_untrusted(tls_portal, tls_authority, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    tls_portal.origin = tls_portal.origin.replace("localhost", "id.example.jp")
    with pytest.raises(PortalUntrusted):
        client(tls_portal, trust=trust_context(tls_authority.trusted)).claim(handle=HANDLE)


def test_a_pinned_key_is_held_to(hold, tls_portal):
    with pytest.raises(PortalUntrusted):
        hold(FakeUI(), at=tls_portal, pins=["sha256//" + "A" * 43 + "="])
    assert tls_portal.calls == []


def test_the_pinned_key_is_let_through(hold, tls_portal, tls_authority):
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415

    from reader_bridge.portal.way_out import key_pin  # noqa: PLC0415

    server = x509.load_pem_x509_certificate(tls_authority.server.read_bytes())
    ui = FakeUI("4071")
    hold(ui, at=tls_portal, pins=[key_pin(server.public_bytes(Encoding.DER))])
    assert ui.urls


def test_a_trust_file_that_holds_no_authority_is_said(tmp_path):
    (tmp_path / "authority.pem").write_text("no PEM")
    for name in ("authority.pem", "missing.pem"):
        with pytest.raises(PortalUntrusted, match=name):
            trust_context(tmp_path / name)


def test_a_context_that_verifies_nothing_is_no_trust(portal):
    context = trust_context()
    context.check_hostname = False
    with pytest.raises(ValueError, match="verifies nothing"):
        client(portal, trust=context)


def test_no_tls_below_1_2_is_spoken():
    assert trust_context().minimum_version >= ssl.TLSVersion.TLSv1_2


def test_no_proxy_is_asked(hold, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    ui = FakeUI("4071")
    hold(ui)
    assert ui.urls


def test_loopback_http_asks_no_resolver(hold, monkeypatch):
    asked = []
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest: asked.append(host) or real(host, *rest))
    hold(FakeUI("4071"))
    assert set(asked) <= {"127.0.0.1", "::1"}


WRONG_CLAIMS = {
    "claim": [None, "", 7, "two words", "x" * 600, "a\r\nCookie: b"],
    "purpose": [None, "", 7, ["register"], "a\x1b[2Jb", "x" * 65],
    "parameters": [None, [], "x", 7, {str(number): "x" for number in range(17)}],
    "match_code": [None, 47, "4", "473", "４７", "ab"],
    "nonce": [None, 7, NONCE[:-4], NONCE + "AAAA", NONCE[:-2] + "9=", "-" * 43 + "="],
    "expires_at": [None, 0, "soon", "2026-11-23"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_CLAIMS.items() for value in values]
)
def test_a_claim_of_another_shape_is_refused(portal, name, value):
    portal.replies[CLAIMS] = json_reply(201, portal.claim_fields(**{name: value}))
    with pytest.raises(PortalReplyMalformed):
        client(portal).claim(handle=HANDLE)


@pytest.mark.parametrize("name", WRONG_CLAIMS)
def test_a_claim_with_a_field_missing_is_refused(portal, name):
    fields = portal.claim_fields()
    del fields[name]
    portal.replies[CLAIMS] = json_reply(201, fields)
    with pytest.raises(PortalReplyMalformed):
        client(portal).claim(handle=HANDLE)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"claim": "\xff"}', b'{"a": 1, "a": 2}', b"[" * 9000])
def test_a_reply_that_is_not_one_json_object_is_refused(portal, body):
    portal.replies[CLAIMS] = (201, {"Content-Type": "application/json"}, body)
    with pytest.raises(PortalReplyMalformed):
        client(portal).claim(handle=HANDLE)


def test_a_reply_beyond_16_kib_is_refused(portal):
    longest = 16 * 1024 - len(json_reply(201, portal.claim_fields(filler=""))[2])
    portal.replies[CLAIMS] = json_reply(201, portal.claim_fields(filler="x" * longest))
    client(portal).claim(handle=HANDLE)
    portal.replies[CLAIMS] = json_reply(201, portal.claim_fields(filler="x" * (longest + 1)))
    with pytest.raises(PortalReplyMalformed, match="too long"):
        client(portal).claim(handle=HANDLE)


@pytest.mark.parametrize(("status", "kind"), [(200, "application/json"), (201, "text/html")])
def test_another_status_or_media_type_is_refused(portal, status, kind):
    _, _, body = json_reply(201, portal.claim_fields())
    portal.replies[CLAIMS] = (status, {"Content-Type": kind}, body)
    with pytest.raises(PortalReplyMalformed):
        client(portal).claim(handle=HANDLE)


@pytest.mark.parametrize(
    "at", ["https://evil.example", "http://localhost.evil.example", "//evil.example", "javascript:x"]
)
def test_a_completion_url_at_another_origin_is_refused(hold, portal, at):
    portal.replies[ANSWERS] = json_reply(200, {"completion_url": f"{at}/completion#{FRAGMENT}"})
    ui = FakeUI("4071")
    with pytest.raises(PortalReplyMalformed):
        hold(ui)
    assert ui.urls == []


@pytest.mark.parametrize(
    "rest",
    [
        *("", "/completion", "/completion#", "/completion#" + "a" * 21, "/completion#" + "a" * 65, f"#{FRAGMENT}"),
        *(f"1/completion#{FRAGMENT}", f"@evil.example/#{FRAGMENT}", f".evil.example/#{FRAGMENT}", f"/a b#{FRAGMENT}"),
        *(f"/完了#{FRAGMENT}", f"/a\\b#{FRAGMENT}", f'/a"b#{FRAGMENT}', f"/{'a' * 500}#{FRAGMENT}", f"/c#{FRAGMENT}!"),
    ],
)
def test_a_completion_url_of_another_shape_is_refused(hold, portal, rest):
    portal.replies[ANSWERS] = json_reply(200, {"completion_url": portal.origin + rest})
    ui = FakeUI("4071")
    with pytest.raises(PortalReplyMalformed):
        hold(ui)
    assert ui.urls == []


@pytest.mark.parametrize(
    "fields", [{}, {"completion_code": 493027}, {"completion_code": "49302"}, {"completion_url": "x"}]
)
def test_a_paired_answer_without_six_digits_is_refused(hold, portal, fields):
    portal.replies[ANSWERS] = json_reply(200, fields)
    with pytest.raises(PortalReplyMalformed):
        hold(FakeUI("4071"), pairing_code="K7QF-4PXW")


def test_after_a_pairing_code_no_url_is_opened_whatever_comes(hold, portal):
    both = {"completion_code": "493027", "completion_url": f"{portal.origin}/c#{FRAGMENT}"}
    portal.replies[ANSWERS] = json_reply(200, both)
    ui = FakeUI("4071")
    hold(ui, pairing_code="K7QF-4PXW")
    assert (ui.urls, len(ui.codes)) == ([], 1)


def test_a_refusal_carries_the_portals_code(hold, portal):
    portal.replies[CLAIMS] = problem(409, "card-session-claimed")
    ui = FakeUI()
    with pytest.raises(PortalRefused) as raised:
        hold(ui)
    assert (raised.value.problem_code, ui.failures) == ("card-session-claimed", ["card-session-claimed"])


def test_a_session_that_ended_meanwhile_stops_the_waiting(hold, portal, readers):
    readers.remove()
    portal.replies["/api/v1/bridge/failures"] = problem(410, "card-session-expired")
    ui = FakeUI()
    with pytest.raises(PortalRefused):
        hold(ui)
    assert ui.failures == ["card-session-expired"]


def test_a_portal_too_busy_for_a_report_is_no_reason_to_stop(hold, portal):
    portal.replies["/api/v1/bridge/failures"] = problem(429, "rate-limited")
    ui = FakeUI("1111", "4071")
    hold(ui)
    assert ui.urls


def test_a_failure_without_a_problem_is_a_malformed_reply(portal):
    portal.replies[CLAIMS] = (502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")
    with pytest.raises(PortalReplyMalformed):
        client(portal).claim(handle=HANDLE)


def test_an_answer_whose_reply_is_lost_is_never_sent_again(hold, portal):
    def lose(*_):
        raise ConnectionAbortedError

    portal._server.handle_error = lambda *_: None
    portal._answers = lose
    ui = FakeUI("4071")
    with pytest.raises(PortalUnreachable):
        hold(ui)
    assert (len(portal.tokens), ui.failures) == (1, ["portal-unreachable"])


def test_a_portal_that_is_not_there_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PortalUnreachable):
        PortalClient(Origin.parse(f"http://127.0.0.1:{port}")).claim(handle=HANDLE)


@pytest.mark.parametrize("names", [{}, {"handle": HANDLE, "pairing_code": "K7QF4PXW"}])
def test_a_claim_has_exactly_one_name(portal, names):
    with pytest.raises(ValueError, match="one of them"):
        client(portal).claim(**names)


def test_no_text_of_a_claim_shows_what_speaks_for_it(portal):
    shown = repr(client(portal).claim(handle=HANDLE))
    assert CLAIM not in shown
    assert NONCE not in shown
