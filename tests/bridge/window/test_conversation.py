"""Whole conversations in the window, with a portal on loopback and virtual cards; PC/SC and X are in tests/pcsc."""

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Settings
from reader_bridge.window import ui, window
from reader_bridge.window.window import Window
from reader_bridge.words.language import Words
from reader_bridge.words.states import STATES
from tests.bridge.fake_portal import DIGITS, FRAGMENT, HANDLE, problem
from tests.bridge.window.conftest import settle, take_away
from tests.bridge.window.desk import DeskBridge, Person, TellingReaders
from tests.bridge.window.test_every_page import controls

CODE = "k7qf-４pxw"  # as a person types it: lower case, one digit full-width


@pytest.fixture
def desk():
    return TellingReaders("Desk reader")


@pytest.fixture
def opened(monkeypatch):
    """Return the addresses that a browser was asked to open."""
    urls = []
    for room in (ui, window):
        monkeypatch.setattr(room, "open_browser", lambda url: urls.append(url) or True)
    return urls


@pytest.fixture
def begin(qtbot, portal, desk, opened, monkeypatch, tmp_path):  # noqa: ARG001 (no real browser)
    """Show a window in English, and the person before it."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    begun = []

    def show(*, known=True, language="en"):
        settings = Settings(known_origins=frozenset({portal.origin} if known else ()))
        shown = Window(DeskBridge(settings, tmp_path / "bridge.toml", Words(language), desk=desk))
        begun.append(shown)
        shown.start()
        shown.show()
        shown.activateWindow()
        return Person(qtbot, shown)

    yield show
    for each in begun:
        if each.conversation:
            each.conversation.ui.stop()
            assert each.conversation.join(5)
        settle(QApplication.instance())  # what the thread said last
        take_away(each)


@pytest.fixture
def follow(begin, portal):
    """Open a launch link."""

    def show(**how):
        person = begin(**how)
        person.window._bridge = person.window._bridge.naming(Origin.parse(portal.origin))
        person.window.converse(Origin.parse(portal.origin), handle=HANDLE)
        return person

    return show


def test_from_the_start_page_to_digits_with_the_keyboard_alone(begin, desk, card, portal):
    desk.insert(card)
    person = begin(known=False)
    start = person.window.page
    person.focuses(start.code)
    person.types(CODE)
    person.focuses(start.portal)
    person.types(portal.origin)
    person.hits(Qt.Key.Key_Return)
    person.waits_for("new-origin-question")
    assert portal.calls == []
    person.focuses(person.window._buttons["answer"])
    person.hits(Qt.Key.Key_Return)
    person.waits_for("pin-prompt")
    for expected in (portal.origin, "Register a MyKey ID", "47", "Desk reader", "3 of 3", "2031-01-01"):
        assert expected in person.text
    person.types("1111\r")
    person.reads("The PIN is not correct.")
    assert "2 of 3" in person.text
    person.types("4071\r")
    person.waits_for("completion-code")
    assert f"{DIGITS[:3]} {DIGITS[3:]}" in person.text
    assert portal.signature_is_good(portal.tokens[0])
    person.presses("copy")
    assert QApplication.clipboard().text() == DIGITS


def test_a_link_ends_in_the_browser_and_the_window_stays(follow, desk, card, portal, opened):
    desk.insert(card)
    person = follow()
    person.waits_for("pin-prompt")
    for digit in "4071":
        person.presses_button(digit)
    person.presses_button("OK")
    person.waits_for("completion-url")
    assert opened == [f"{portal.origin}/completion#{FRAGMENT}"]
    assert person.window.isVisible()
    assert person.window.time.isHidden()


def test_a_new_portal_is_refused_by_enter_alone_and_nothing_is_sent(follow, portal):
    person = follow(known=False)
    person.waits_for("new-origin-question")
    assert portal.origin in person.text
    person.hits(Qt.Key.Key_Return)
    person.waits_for("cancelled")
    person.window.conversation.join(5)
    assert portal.calls == []


def test_a_test_of_the_bridge_says_which_portal_was_reached(follow, portal):
    portal.purpose = "test"
    person = follow()
    person.waits_for("reached")
    assert portal.origin in person.text


def test_of_several_cards_one_is_chosen(follow, desk, make_card):
    desk.plug_in("Second reader")
    desk.insert(make_card())
    desk.insert(make_card(), "Second reader")
    person = follow()
    person.waits_for("choose-reader")
    person.window.page._choices[1][1].setChecked(True)
    person.presses("answer")
    person.waits_for("pin-prompt")
    assert "Second reader" in person.text


def test_a_card_that_is_taken_away_clears_the_pin_and_comes_back(follow, desk, card):
    desk.insert(card)
    person = follow()
    person.waits_for("pin-prompt")
    person.types("40")
    field = person.window.page.field
    desk.remove()
    person.waits_for("card-removed")
    assert field.count == 0
    desk.insert(card)
    person.waits_for("pin-prompt")
    assert "no try was spent" in person.text
    assert card.tries_left == 3
    person.types("4071\r")
    person.waits_for("completion-url")


def test_the_last_try_is_a_page_of_its_own_and_enter_stops(follow, desk, card, portal):
    card.pin.tries = 1
    desk.insert(card)
    person = follow()
    person.waits_for("pin-prompt")
    person.types("1111\r")
    person.waits_for("last-try-question")
    person.hits(Qt.Key.Key_Return)
    person.waits_for("cancelled")
    person.window.conversation.join(5)
    assert card.tries_left == 1
    assert portal.failures[-1] == "cancelled"


def test_the_last_try_is_sent_when_it_is_pressed_and_a_blocked_card_is_an_end(follow, desk, card):
    card.pin.tries = 1
    desk.insert(card)
    person = follow()
    person.waits_for("pin-prompt")
    person.types("1111\r")
    person.waits_for("last-try-question")
    person.presses("answer")
    person.waits_for("pin-blocked")
    assert list(person.window._buttons) == ["close", "start"]


def test_what_is_half_typed_is_lost_only_at_the_second_escape(follow, desk, card, portal):
    desk.insert(card)
    person = follow()
    person.waits_for("pin-prompt")
    person.types("40")
    person.hits(Qt.Key.Key_Escape)
    assert "once more" in person.text
    assert person.window.page.field.count == 2
    person.hits(Qt.Key.Key_Escape)
    assert person.state == "cancelled"
    person.window.conversation.join(5)
    assert portal.failures == ["cancelled"]


def test_too_few_digits_are_said_here_and_stay(follow, desk, card):
    desk.insert(card)
    person = follow()
    person.waits_for("pin-prompt")
    person.types("40\r")
    assert "no try was spent" in person.text
    assert person.window.page.field.count == 2
    assert card.tries_left == 3


def test_the_pin_is_in_no_clipboard_and_no_accessibility_tree(follow, desk, make_card):
    desk.insert(make_card(pin="8642"))
    person = follow()
    person.waits_for("pin-prompt")
    person.types("8642")
    assert "8642" not in everything_told(person.window)
    person.types("\r")
    person.waits_for("completion-url")
    gc.collect()
    assert "8642" not in everything_told(person.window)
    assert "8642" not in QApplication.clipboard().text()


def everything_told(shown):
    kinds = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)
    return " ".join(each.text(kind) for each in controls(QAccessible.queryAccessibleInterface(shown)) for kind in kinds)


def test_a_wrong_code_leads_back_to_what_was_typed(begin, portal):
    portal.replies["/api/v1/bridge/claims"] = problem(404, "card-session-not-found")
    person = begin()
    person.window.page.code.setText("K7QF-4PXX")
    person.presses_button("Begin with this code")
    person.waits_for("card-session-not-found")
    person.presses("start")
    assert person.window.page.code.text() == "K7QF-4PXX"


def test_a_half_typed_code_is_there_again_after_the_card_was_tried(begin):
    person = begin()
    person.window.page.code.setText("K7QF")
    person.presses_button("Try the card")
    person.reads("Put your card on the reader")
    person.presses("back")
    assert person.window.page.code.text() == "K7QF"


@pytest.mark.parametrize(
    ("code", "address", "said"),
    [
        ("K7QF", "https://id.example.jp", "eight characters"),
        ("K7QF4PXW", "", "Enter the portal's address"),
        ("K7QF4PXW", "id.example.jp", "Write the portal's address as https://host"),
    ],
)
def test_what_is_typed_wrongly_is_said_on_the_start_page(begin, code, address, said):
    person = begin(known=False)
    person.window.page.code.setText(code)
    person.window.page.portal.setEditText(address)
    person.presses_button("Begin with this code")
    assert said in person.text


@pytest.mark.parametrize("line", ["code", "portal"])
def test_enter_begins_once_from_either_line(begin, portal, line):
    person = begin()
    person.window.page.code.setText("K7QF4PXW")
    person.window.page.portal.setEditText(portal.origin)
    person.focuses(getattr(person.window.page, line))
    person.hits(Qt.Key.Key_Return)
    person.waits_for("no-card")
    assert [path for path, *_ in portal.calls].count("/api/v1/bridge/claims") == 1


def test_a_pasted_page_of_the_portal_begins_as_its_address(begin, portal):
    person = begin()
    person.window.page.code.setText("K7QF4PXW")
    person.window.page.portal.setEditText(f" {portal.origin}/register?x=1 ")
    person.presses_button("Begin with this code")
    person._bot.waitUntil(lambda: portal.calls != [])


def test_an_unknown_refusal_of_a_later_portal_is_an_end_with_its_code(follow, portal):
    portal.replies["/api/v1/bridge/claims"] = problem(409, "from-version-2")
    person = follow()
    person.waits_for("from-version-2")
    assert "[from-version-2]" in person.text
    assert list(person.window._buttons) == list(STATES["portal-refused"].can_do)


def test_the_page_of_the_portal_is_opened_to_begin_anew(follow, portal, opened):
    portal.replies["/api/v1/bridge/claims"] = problem(410, "card-session-expired")
    person = follow()
    person.waits_for("card-session-expired")
    person.presses("portal")
    person._bot.waitUntil(lambda: opened == [portal.origin])


def test_a_fault_is_an_end_that_leads_to_the_examination(follow, desk, monkeypatch):
    monkeypatch.setattr(desk, "list", lambda: 1 / 0)
    person = follow()
    person.waits_for("internal")
    assert "doctor" in person.window._buttons


def test_a_new_portal_that_cannot_be_kept_is_said_beside_the_way(follow, desk, card, tmp_path):
    desk.insert(card)
    person = follow(known=False)
    Path(tmp_path, "known-portals.new").mkdir()
    person.waits_for("new-origin-question")
    person.presses("answer")
    person.waits_for("pin-prompt")
    assert person.window._bridge.settings.known_origins
