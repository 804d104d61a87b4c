"""A terminal's work with a portal and readers of our own making; over real PC/SC it is in tests/pcsc."""

import json
import socket
import threading
import time
from base64 import b64encode
from threading import Thread

import pytest

from demo.virtual_card import ANDROID_LABEL, Quirks, ServiceCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.cli.ending import ends_in_order
from reader_bridge.errors import NoReader, NoService, NotEnrolled
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.way_out import trust_context
from reader_bridge.readers import Listed, PutIn
from reader_bridge.terminal.taps import Taps
from tests.bridge.fake_portal import json_reply, problem
from tests.waiting import wait_until

TAPS, PRESENCE = "/api/v1/taps", "/api/v1/presence"
TOKEN = "terminal.token-1"
IDM = "0123456789ABCDEF"
SELECT_AID = "00A4040C0AD392F000260100000001"


class Ended(Exception):
    """The script is over."""


class ScriptedReaders:
    """Readers in which the given things happen, one a watch step: a card, an error, or something to call."""

    def __init__(self, *script):
        self.script = list(script)
        self.virtual = VirtualReaders()

    def watch(self):
        if self.script and isinstance(self.script[0], Exception):
            raise self.script.pop(0)
        yield Listed(["Virtual reader"])
        while self.script:
            step = self.script.pop(0)
            if callable(step):
                step()
            else:
                card, just_now = step if isinstance(step, tuple) else (step, True)
                self.virtual.insert(card)
                yield PutIn(self.virtual.list()[0], card.atr, just_now)
        raise Ended


@pytest.fixture
def felica():
    return ServiceCard(bytes.fromhex(IDM), felica=True)


class Terminal:
    def __init__(self, portal):
        self.portal = portal
        self.client = PortalClient(Origin.parse(portal.origin))
        self.told, self.pauses, self.now = [], [], 1000.0
        portal.replies.setdefault(TAPS, (204, {}, b""))

    def watches(self, *script, until=Ended, beside=lambda work: None):  # noqa: ARG005
        readers = ScriptedReaders(*script)
        tell = lambda name, about: self.told.append(name)  # noqa: ARG005, E731
        now = {"sleep": self.pauses.append, "monotonic": lambda: self.now, "start": lambda tap: tap()}
        now["beside"] = beside
        taps = Taps(self.client, TOKEN, readers, tell, **now)
        with ends_in_order(), pytest.raises(until):  # as the command does: who starts us may ignore SIGINT
            taps.run()
        told, self.told = self.told, []
        return told[told[:1] == ["terminal-watching"] :]

    @property
    def posted(self):
        return [json.loads(body) for path, _, body in self.portal.calls if path == TAPS]


@pytest.fixture
def terminal(portal):
    return Terminal(portal)


def sent(card):
    return [command.hex().upper() for command, _ in card.trace]


def test_a_my_number_card_is_read_without_a_pin_and_its_certificate_brought(terminal, portal, card, certificate):
    assert terminal.watches(card) == ["terminal-tap-certificate"]
    assert terminal.posted == [{"certificate": b64encode(certificate).decode()}]
    assert portal.calls[0][1]["Authorization"] == f"Bearer {TOKEN}"
    pieces = -(-len(certificate) // 256)
    assert sent(card)[:2] == [SELECT_AID, "00A4020C02000A"]
    assert [command[:4] for command in sent(card)[2:]] == ["00B0"] * pieces
    assert (card.tries_left, card.power_offs) == (3, 0)


@pytest.mark.parametrize("felica", [True, False])
def test_a_service_card_is_asked_for_the_application_first_and_then_for_its_uid(terminal, felica):
    card = ServiceCard(bytes.fromhex(IDM[:14]), felica=felica)
    assert terminal.watches(card) == ["terminal-tap-service-card"]
    assert terminal.posted == [{"service_card": IDM[:14]}]
    assert sent(card) == [SELECT_AID, "FFCA000000"]


def test_a_reader_that_says_6f00_for_a_storage_card_has_its_uid_told_too(terminal, felica):
    answers = {SELECT_AID: "6F00", "FFCA000000": IDM + "9000"}
    felica.respond = lambda command: bytes.fromhex(answers[command.hex().upper()])
    assert terminal.watches(felica) == ["terminal-tap-service-card"]
    assert terminal.posted == [{"service_card": IDM}]


def test_a_random_uid_is_not_brought(terminal):
    assert terminal.watches(ServiceCard(b"\x08abc", felica=False)) == ["service-card-random"]
    assert terminal.posted == []


def test_a_card_that_is_no_storage_card_by_its_atr_is_not_asked_for_a_uid(terminal, make_card):
    licence = make_card(other_card=True, quirks=Quirks(uid=b"\x01\x02\x03\x04"))
    assert terminal.watches(licence) == ["service-card-unsuitable"]
    assert (terminal.posted, sent(licence)) == ([], [SELECT_AID])


@pytest.mark.parametrize(
    ("differently", "told"),
    [
        ({"certificate": None}, "certificate-absent"),
        ({"label": ANDROID_LABEL}, "card-not-supported"),
        ({"quirks": Quirks(mute=True)}, "card-unreadable"),
    ],
)
def test_a_card_without_a_certificate_to_read_is_told_and_nothing_brought(terminal, make_card, differently, told):
    assert terminal.watches(make_card(**differently)) == [told]
    assert terminal.posted == []


def test_a_card_taken_away_in_the_middle_is_told_and_the_next_one_is_read(terminal, make_card, certificate):
    for answers in range(1, 2 + -(-len(certificate) // 256)):
        hasty = make_card()
        hasty.remove_after(answers)
        assert terminal.watches(hasty, make_card()) == ["card-removed", "terminal-tap-certificate"]
    assert len(terminal.posted) == answers


def test_a_card_gone_before_it_is_asked_anything_is_told(terminal, card):
    card.remove_after(0)
    assert terminal.watches(card) == ["no-card"]
    assert terminal.posted == []


def test_a_card_that_lay_there_before_is_not_brought(terminal, felica):
    assert terminal.watches((felica, False), felica) == ["terminal-card-lies", "terminal-tap-service-card"]
    assert len(terminal.posted) == 1


def test_readers_and_services_that_go_are_told_once_and_looked_for_again(terminal, felica):
    told = terminal.watches(NoService(), NoService(), NoReader(), felica)
    assert told == ["no-service", "no-reader", "terminal-watching", "terminal-tap-service-card"]
    assert terminal.pauses == [1.0] * 3


def test_a_portal_that_is_not_there_is_told_and_the_tap_is_forgotten(terminal, portal, felica):
    with socket.create_server(("127.0.0.1", 0)) as server:
        nowhere = PortalClient(Origin.parse(f"http://127.0.0.1:{server.getsockname()[1]}"))
    here, terminal.client = terminal.client, nowhere
    assert terminal.watches(felica) == ["portal-unreachable"]
    terminal.client = here
    assert terminal.watches(ServiceCard(b"\x04abc", felica=False)) == ["terminal-tap-service-card"]
    assert terminal.posted == [{"service_card": "04616263"}]
    assert len(portal.calls) == 1


def test_a_portal_that_proves_nothing_gets_no_tap_and_one_that_does_gets_it(
    terminal, tls_portal, tls_authority, felica
):
    tls_portal.replies[TAPS] = (204, {}, b"")
    origin = Origin.parse(tls_portal.origin)
    terminal.client = PortalClient(origin)
    assert terminal.watches(felica) == ["portal-untrusted"]
    assert tls_portal.calls == []
    terminal.client = PortalClient(origin, trust=trust_context(tls_authority.trusted))
    assert terminal.watches(felica) == ["terminal-tap-service-card"]
    assert len(tls_portal.calls) == 1


def test_a_tap_whose_reply_is_lost_is_never_sent_again(terminal, portal, felica):
    def lose(*_):
        portal.calls.append((TAPS, None, b"{}"))
        raise ConnectionAbortedError

    portal._server.handle_error = lambda *_: None
    portal.answer = lose
    assert terminal.watches(felica) == ["portal-unreachable"]
    assert len(terminal.posted) == 1


def test_a_refused_token_ends_the_terminal(terminal, portal, felica):
    portal.replies[TAPS] = problem(401, "terminal-token-invalid")
    assert terminal.watches(felica, felica, until=NotEnrolled) == []
    assert len(terminal.posted) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "service-provider-suspended"),
        (404, "mykey-id-not-registered"),
        (409, "mykey-id-stopped"),
        (422, "certificate-expired"),
        (400, "from-version-2"),
        (503, "unavailable"),
    ],
)
def test_every_other_refusal_is_told_and_the_watching_goes_on(terminal, portal, felica, status, code):
    portal.replies[TAPS] = problem(status, code)
    assert terminal.watches(felica, felica) == [code, code]


def test_a_reply_of_another_shape_is_told(terminal, portal, felica):
    portal.replies[TAPS] = json_reply(200, {})
    assert terminal.watches(felica) == ["portal-reply-malformed"]


@pytest.mark.parametrize(("wait", "seconds"), [("60", 60), ("999999", 600)])
def test_nothing_is_brought_while_the_portal_asks_for_a_pause(terminal, portal, felica, wait, seconds):
    status, headers, body = problem(429, "rate-limited")
    portal.replies[TAPS] = status, headers | {"Retry-After": wait}, body
    later = lambda time: lambda: setattr(terminal, "now", 1000 + time)  # noqa: E731
    good = lambda: portal.replies.update({TAPS: (204, {}, b"")})  # noqa: E731
    told = terminal.watches(felica, good, later(seconds - 1), felica, later(seconds), felica)
    assert told == ["rate-limited", "terminal-silent", "terminal-tap-service-card"]
    assert len(terminal.posted) == 2


@pytest.mark.parametrize("wait", ["", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "1" * 5000])
def test_a_pause_of_another_form_is_none(terminal, portal, felica, wait):
    status, headers, body = problem(429, "rate-limited")
    portal.replies[TAPS] = status, headers | {"Retry-After": wait}, body
    assert terminal.watches(felica, felica) == ["rate-limited"] * 2


def test_a_terminal_is_present_while_its_readers_are_there_and_until_it_ends(terminal, portal, felica):
    portal.replies[PRESENCE] = (204, {}, b"")
    beside = []
    here = lambda: wait_until(lambda: PRESENCE in [path for path, _, _ in portal.calls])  # noqa: E731
    start = lambda work: beside.append(Thread(target=work)) or beside[0].start()  # noqa: E731
    assert terminal.watches(NoReader(), here, felica, beside=start)[-1] == "terminal-tap-service-card"
    beside[0].join(5)
    assert not beside[0].is_alive()
    assert [path for path, _, _ in portal.calls].count(PRESENCE) == 1


def test_a_presence_whose_token_is_refused_ends_the_terminal(terminal, portal):
    portal.replies[PRESENCE] = problem(401, "terminal-token-invalid")
    terminal.watches(lambda: time.sleep(5), until=NotEnrolled, beside=lambda work: Thread(target=work).start())


def test_the_connection_is_made_while_the_card_is_read(terminal, felica):
    connected = threading.Event()
    real = terminal.client._way.connect
    terminal.client._way.connect = lambda: (real(), connected.set())[0]
    before = felica.respond
    felica.respond = lambda command: connected.wait(5) and before(command)
    assert terminal.watches(felica) == ["terminal-tap-service-card"]
    assert len(terminal.posted) == 1
