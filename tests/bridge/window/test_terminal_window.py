"""The window of a terminal: enrolled by pasting a code, what it says of taps, and its end."""

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from demo.virtual_card import ServiceCard
from reader_bridge.errors import NoService, NotEnrolled
from reader_bridge.portal.settings import Settings
from reader_bridge.readers import Listed, PutIn
from reader_bridge.window.terminal_window import TerminalWindow
from reader_bridge.words.language import Words
from tests.bridge.fake_portal import json_reply, problem
from tests.bridge.window.conftest import settle, take_away
from tests.bridge.window.desk import DeskBridge, Person, TellingReaders

TAPS, ENROL = "/api/v1/taps", "/api/v1/terminals"


class Tapped(TellingReaders):
    """Readers at which cards are tapped when the test says so."""

    def __init__(self):
        super().__init__("Tap reader")
        self.events, self.stopped = [], lambda: False

    def tap(self, card):
        self.insert(card)
        self.events.append(PutIn(self.list()[0], card.atr))

    def watch(self):
        if self.service_stopped:
            raise NoService("stopped")
        yield Listed(["Tap reader"])
        while not self.service_stopped and not self.stopped():
            if self.events:
                yield self.events.pop(0)
            self.wait(0.1, self.stopped)
        if self.stopped():
            raise NoService("given up")


@pytest.fixture
def tapped():
    return Tapped()


@pytest.fixture
def person(qtbot, portal, tapped, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    portal.replies[ENROL] = json_reply(201, {"token": "token-1", "service_provider_id": "A-α1-0001"})
    portal.replies[TAPS] = 204, {}, b""
    settings = Settings(http_origins=frozenset({portal.origin}))
    window = TerminalWindow(DeskBridge(settings, tmp_path / "bridge.toml", Words("en"), desk=tapped))
    tapped.stopped = lambda: window._watch is not None and window._watch._stop.is_set()
    window.start()
    window.show()
    yield Person(qtbot, window)
    if window._watch:
        window._watch.stop()
    assert window.join(3)
    if window._work:
        window._work.thread_of_work.join(10)
    settle(QApplication.instance())
    take_away(window)


def enrol(person, portal):
    person.window.page.portal.setEditText(portal.origin)
    person.window.page.code.setText("ABCD EFGH JKMN")
    person.presses("enrol")
    person.reads("This portal is new to this computer.")
    person.presses("answer")
    person.reads("A-α1-0001")


def test_a_pasted_page_of_the_portal_is_asked_about_as_its_address(person, portal):
    person.window.page.portal.setEditText(f" {portal.origin}/reception?x=1#top ")
    person.window.page.code.setText("ABCD EFGH JKMN")
    person.presses("enrol")
    person.reads("This portal is new to this computer.")
    assert (portal.origin in person.text, "reception" in person.text) == (True, False)


def test_a_pasted_code_enrols_after_the_portal_was_agreed_to_and_taps_are_shown(person, portal, tapped):
    enrol(person, portal)
    person.reads("Tap reader: Waiting for cards.")
    person.reads("The portal can be reached")
    assert "none yet" in person.text
    tapped.tap(ServiceCard(bytes.fromhex("0123456789ABCDEF"), felica=True))
    person.reads("Tap reader: A service card was read and sent to the portal.")


def test_a_tap_that_is_not_taken_is_shown_as_such(person, portal, tapped):
    portal.replies[TAPS] = problem(409, "mykey-id-stopped")
    enrol(person, portal)
    tapped.tap(ServiceCard(bytes.fromhex("0123456789ABCDEF"), felica=True))
    person.reads("The citizen has stopped this MyKey ID.")


def test_a_service_that_ends_and_comes_back_is_shown_and_goes_on(person, portal, tapped):
    enrol(person, portal)
    person.reads("Waiting for cards.")
    tapped.service_stopped = True
    person.reads("The smart card service (PC/SC) is not running.")
    tapped.service_stopped = False
    person.reads("Waiting for cards.")


def test_a_terminal_that_was_withdrawn_asks_for_a_new_code(person, portal, tapped):
    portal.replies[TAPS] = problem(401, "terminal-token-invalid")
    enrol(person, portal)
    tapped.tap(ServiceCard(bytes.fromhex("0123456789ABCDEF"), felica=True))
    person.reads("Ask the operator for a new enrolment code.")
    assert "enrol" in person.window._buttons


def test_a_code_that_was_used_is_said_where_it_was_typed(person, portal):
    portal.replies[ENROL] = problem(404, "enrolment-code-not-found")
    person.window.page.portal.setEditText(portal.origin)
    person.window.page.code.setText("ABCDEFGHJKMN")
    person.presses("enrol")
    person.presses("answer")
    person.reads("This enrolment code was used")
    assert person.window.page.code.text() == "ABCDEFGHJKMN"


def test_what_a_portal_writes_to_a_refusal_is_shown_as_plain_text(person, portal):
    fields = {"code": "from-version-2", "title": "up\u202edown\n" + "x" * 400}
    portal.replies[ENROL] = 409, {"Content-Type": "application/problem+json"}, json.dumps(fields).encode()
    person.window.page.portal.setEditText(portal.origin)
    person.window.page.code.setText("ABCDEFGHJKMN")
    person.presses("enrol")
    person.presses("answer")
    person.reads("updownxxx")
    assert "x" * 201 not in person.text


@pytest.mark.parametrize("address", ["", "id.example.jp"])
def test_an_address_that_is_none_is_said(person, address):
    person.window.page.portal.setEditText(address)
    person.presses("enrol")
    assert "Enter the portal's address" in person.text


@pytest.mark.parametrize("line", ["code", "portal"])
def test_enter_enrols_once_from_either_line(person, portal, line):
    page = person.window.page
    page.portal.setEditText(portal.origin)
    page.code.setText("ABCD EFGH JKMN")
    getattr(page, line).setFocus()
    person.hits(Qt.Key.Key_Return)
    person.reads("This portal is new to this computer.")
    person.presses("answer")
    person.reads("Waiting for cards.")
    assert [path for path, *_ in portal.calls].count(ENROL) == 1


def test_a_second_enter_spends_the_code_no_second_time(person, portal):
    window = person.window
    known = replace(window._bridge.settings, known_origins=frozenset({portal.origin}))
    window._bridge = replace(window._bridge, settings=known)
    window.page.portal.setEditText(portal.origin)
    window.page.code.setText("ABCDEFGHJKMN")
    window.do_enrol()
    assert window.page.heading.text() == Words("en").say("looking")
    assert "enrol" not in window._buttons
    person.reads("Waiting for cards.")
    assert [path for path, *_ in portal.calls].count(ENROL) == 1


def test_what_a_former_watch_says_late_changes_nothing(person, portal):
    enrol(person, portal)
    person.reads("Waiting for cards.")
    former = person.window._watch
    person.window.do_back()
    former.ended.emit(NotEnrolled())
    settle(QApplication.instance())
    assert person.window._watch is not former
    assert Words("en").say("not-enrolled") not in person.text


def test_a_fault_at_the_readers_is_said(person, portal, tapped, monkeypatch):
    enrol(person, portal)
    monkeypatch.setattr(tapped, "watch", lambda: 1 / 0)
    person.window.do_back()
    person.reads(Words("en").say("internal"))
