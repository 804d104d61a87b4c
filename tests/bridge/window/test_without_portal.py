"""What the window says and does beside a conversation: hints, time, a trial, the certificate, the examination."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PySide6.QtWidgets import QApplication, QFileDialog

from reader_bridge.card.certificate_text import as_file
from reader_bridge.desktop.doctor import Finding
from reader_bridge.desktop.usb import UsbReader
from reader_bridge.errors import NoCard, NoReader
from reader_bridge.portal.settings import Settings
from reader_bridge.window import window, without_portal
from reader_bridge.window.pages import state_pages
from reader_bridge.window.pages.pin_page import consent_rows
from reader_bridge.window.window import Window
from reader_bridge.words.language import Words
from tests.bridge.window.conftest import settle, take_away
from tests.bridge.window.desk import DeskBridge, Person, TellingReaders
from tests.bridge.window.gallery import claim, consent
from tests.bridge.window.gallery import shown as shown_of


@pytest.fixture
def desk():
    return TellingReaders("Desk reader")


@pytest.fixture
def person(qtbot, desk, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bridge = DeskBridge(Settings(), tmp_path / "bridge.toml", Words("en"), desk=desk)
    begun = Window(bridge)
    begun.start()
    begun.show()
    yield Person(qtbot, begun)
    if begun._work:
        begun._work.thread_of_work.join(10)
    take_away(begun)


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(window, "monotonic", lambda: now[0])
    return now


def test_a_trial_shows_reader_card_tries_and_day_and_sends_nothing(person, desk, card):
    desk.insert(card)
    person.presses_button("Try the card")
    person.reads("The card was tried")
    for expected in ("✓ Desk reader", "✓ the My Number card can be read", "3 of 3", "2031-01-01", "Nothing was sent"):
        assert expected in person.text
    assert card.tries_left == 3
    person.presses_button("See the certificate")
    person.reads("user authentication certificate")


@pytest.mark.parametrize("way", ["Try the card", "See the certificate"])
def test_a_certificate_that_cannot_be_read_is_said_and_leads_back(person, desk, make_card, certificate, way):
    version = bytes.fromhex("A003020102"), bytes.fromhex("A003020105")
    desk.insert(make_card(certificate=certificate.replace(*version)))
    person.presses_button(way)
    person.reads("The card cannot be read")
    person.presses("back")
    assert "Begin on the portal's page" in person.text


FOR_EVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_trial_of_a_certificate_for_ever_shows_its_last_day(person, desk, make_card, authority, card_key):
    times = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": FOR_EVER}
    odd = authority.issue(public_key=card_key.public_key(), **times).public_bytes(Encoding.DER)
    desk.insert(make_card(certificate=odd))
    person.presses_button("Try the card")
    person.reads("9999-12-31")


@pytest.mark.parametrize(("language", "day"), [("en", "9999-12-31"), ("ja", "令和7981年12月31日")])
def test_a_certificate_for_ever_is_agreed_to_with_its_last_day(language, day):
    assert day in [value for _, value in consent_rows(Words(language), consent(ends=FOR_EVER))]


@pytest.mark.parametrize(("problem", "said"), [(NoCard, "Put your card on the reader"), (NoReader, "No card reader")])
def test_a_trial_without_a_card_says_what_is_missing_and_looks_again(person, desk, card, problem, said):
    if problem is NoReader:
        desk.unplug()
    person.presses_button("Try the card")
    person.reads(said)
    desk.plug_in("Desk reader")
    desk.insert(card)
    person.presses("again")
    person.reads("The card was tried")
    person.presses("back")
    assert "Begin on the portal's page" in person.text


def test_the_certificate_is_shown_and_written_as_the_draft_says(person, desk, card, certificate, monkeypatch, tmp_path):
    desk.insert(card)
    person.presses_button("See the certificate")
    person.reads("発行者(I)")
    assert "The status of the certificate has not been checked." in person.text
    for action, file, content in (("save-text", "a.txt", as_file(certificate)), ("save-der", "a.cer", certificate)):
        place = tmp_path / file
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, place=place: (str(place), ""))
        person.presses(action)
        assert place.read_bytes() == content
        assert "Saved." in person.text


def test_a_file_that_cannot_be_written_is_said(person, desk, card, monkeypatch, tmp_path):
    desk.insert(card)
    person.presses_button("See the certificate")
    person.reads("発行者(I)")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no\u202e" / "a.txt"), ""))
    person.presses("save-text")
    assert "cannot be written" in person.text
    assert "/no/a.txt" in person.text


def test_an_examination_is_read_and_copied_without_the_readers_number(person, monkeypatch):
    findings = [
        Finding("Reader (123456)", "no-card", good=False),
        Finding("https://id.example.jp", "portal-good", good=True),
    ]
    monkeypatch.setattr(without_portal, "examine_here", lambda _: findings)
    person.presses_button("Examine the reader")
    person.reads("[✗] Reader (123456): Put your My Number card")
    assert "[✓] https://id.example.jp: answers" in person.text
    person.presses("copy-report")
    report = QApplication.clipboard().text()
    assert "Reader (…)" in report
    assert "123456" not in report
    assert "[no-card]" in report


def at(shown, clock, name, language="en"):
    return Person(None, shown(name, language)), clock


def test_a_hint_about_readers_comes_after_fifteen_seconds_with_what_usb_knows(shown, clock, monkeypatch):
    reader = UsbReader("SONY RC-S380/P", "RC-S380/P", "rc-s380")
    monkeypatch.setattr(state_pages, "examine_usb", lambda _: [Finding(reader.name, reader.driver, good=False)])
    person, _ = at(shown, clock, "no-reader")
    clock[0] += 14
    person.window._look()
    assert "RC-S380" not in person.text
    clock[0] += 1
    person.window._look()
    assert "SONY RC-S380/P: This Sony RC-S380 cannot be used on Linux." in person.text


def test_a_remote_session_is_named_where_no_reader_is_seen(shown, clock, monkeypatch):
    monkeypatch.setenv("SESSIONNAME", "RDP-Tcp#3")
    person, _ = at(shown, clock, "no-reader")
    clock[0] += 15
    person.window._look()
    assert "This is a remote session." in person.text


def test_a_hint_about_the_card_comes_after_twenty_seconds(shown, clock):
    person, _ = at(shown, clock, "no-card")
    clock[0] += 20
    person.window._look()
    assert "Type B" in person.text


def test_a_virtual_card_of_the_system_is_named(shown):
    assert (
        "Windows Hello for Business 1 — a virtual card of this computer"
        in Person(None, shown("card-not-supported", "en")).text
    )


def test_a_detail_beside_the_state_is_shown_as_plain_text(shown):
    person = Person(None, shown("no-card", "en"))
    person.window._note(person.window.conversation.ui, "settings-unwritable", "up\u202edown")
    assert "updown" in person.text


def test_the_minutes_are_said_warned_of_and_over(shown, clock):
    person, _ = at(shown, clock, "no-card")
    ui = person.window.conversation.ui
    person.window._learn(ui, claim())
    said = []
    for seconds in (0, 180, 110):
        clock[0] += seconds
        person.window._look()
        said.append(person.window.time.text())
    assert said[0] == "About 5 minutes left"
    assert said[1].startswith("About 2 minutes left. The portal's page can extend")
    assert said[2].startswith("The time is over.")


def test_a_clock_that_cannot_be_right_leaves_the_protocols_five_minutes(shown, clock):
    person, _ = at(shown, clock, "no-card")
    past = replace(claim(), expires_at=(datetime.now(UTC) - timedelta(days=400)).isoformat())
    person.window._learn(person.window.conversation.ui, past)
    person.window._look()
    assert person.window.time.text() == "About 5 minutes left"


def test_an_examination_on_the_way_leads_back_to_where_it_was(shown, qtbot, monkeypatch):
    monkeypatch.setattr(without_portal, "examine_here", lambda _: [])
    window_ = shown("no-reader", "en")
    person = Person(qtbot, window_)
    person.presses("doctor")
    person.reads("Nothing stands in the way.")
    person.presses("back")
    assert "No card reader" in person.text


def test_what_happens_meanwhile_wins_over_an_examination(shown, qtbot, monkeypatch):
    monkeypatch.setattr(without_portal, "examine_here", lambda _: [])
    window_ = shown("no-reader", "en")
    person = Person(qtbot, window_)
    person.presses("doctor")
    window_._show(window_.conversation.ui, shown_of("pin-prompt"))
    window_._work.thread_of_work.join(10)
    settle(QApplication.instance())
    assert "PIN for user authentication" in person.text
