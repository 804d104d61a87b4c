"""The PIN: each try is the citizen's fresh word, and nothing keeps it."""

import re
import traceback

import pytest

from reader_bridge.errors import BridgeError, Cancelled, PinBlocked
from tests.bridge.fake_ui import FakeUI

PINS = ("4071", "9182", "91837", "9183", "9184")
VERIFY = bytes.fromhex("0020008004")


def pins_sent(card):
    return [command[5:].decode() for command, _ in card.trace if command.startswith(VERIFY)]


def seen(ui):
    return [(consent.tries_left, consent.last_problem) for consent in ui.consents]


def test_a_wrong_pin_is_asked_again_and_told(hold, portal, card):
    ui = FakeUI("1111", "4071")
    hold(ui)
    assert seen(ui) == [(3, None), (2, "pin-incorrect")]
    assert portal.failures == ["pin-incorrect"]
    assert pins_sent(card) == ["1111", "4071"]
    assert ui.urls
    assert card.tries_left == 3


def test_a_second_wrong_pin_is_told_too_and_the_last_try_asks_first(hold, portal):
    ui = FakeUI("1111", "2222", "4071")
    hold(ui)
    assert portal.failures == ["pin-incorrect", "pin-incorrect"]
    assert [consent.tries_left for consent in ui.last_tries] == [1]
    assert ui.urls


def test_three_wrong_pins_lock_and_end(hold, portal, card):
    ui = FakeUI("1111", "2222", "3333")
    with pytest.raises(PinBlocked):
        hold(ui)
    assert portal.failures == ["pin-incorrect", "pin-incorrect", "pin-blocked"]
    assert (ui.failures, card.tries_left, portal.tokens) == (["pin-blocked"], 0, [])


def test_a_card_locked_before_is_never_asked_a_pin(hold, portal, readers, make_card):
    readers.insert(make_card(tries=0))
    ui = FakeUI()
    with pytest.raises(PinBlocked):
        hold(ui)
    assert (ui.consents, portal.failures, ui.failures) == ([], ["pin-blocked"], ["pin-blocked"])


def test_the_last_try_refused_spends_nothing(hold, portal, readers, make_card):
    card = make_card(tries=1)
    readers.insert(card)
    with pytest.raises(Cancelled):
        hold(FakeUI("4071", takes_last_try=False))
    assert (card.tries_left, pins_sent(card), portal.failures) == (1, [], ["cancelled"])


@pytest.mark.parametrize("typed", ["123", "12345", "12a4", " 4071", "４０７", "四〇七一", "407\n"])
def test_a_malformed_pin_is_asked_again_without_a_try(hold, portal, card, typed):
    ui = FakeUI(typed, "4071")
    hold(ui)
    assert seen(ui) == [(3, None), (3, "pin-malformed")]
    assert (pins_sent(card), portal.failures) == (["4071"], [])


def test_full_width_digits_are_folded(hold, card):
    hold(FakeUI("４０７１"))
    assert pins_sent(card) == ["4071"]


@pytest.mark.parametrize("typed", [None, ""])
def test_no_pin_cancels(hold, portal, card, typed):
    ui = FakeUI(typed)
    with pytest.raises(Cancelled):
        hold(ui)
    assert (portal.failures, ui.failures, pins_sent(card)) == (["cancelled"], ["cancelled"], [])
    assert card.power_offs == 1


def test_control_c_at_the_prompt_cancels(hold, portal, card):
    def interrupted():
        raise KeyboardInterrupt

    ui = FakeUI(interrupted)
    with pytest.raises(Cancelled):
        hold(ui)
    assert (portal.failures, ui.failures, card.power_offs) == (["cancelled"], ["cancelled"], 1)


def test_what_nobody_expected_ends_as_internal_with_the_card_off(hold, portal, card):
    def broken():
        raise RuntimeError("a fault of the UI")

    ui = FakeUI(broken)
    with pytest.raises(RuntimeError):
        hold(ui)
    assert (portal.failures, ui.failures, card.power_offs) == (["internal"], ["internal"], 1)


def pulled(readers):
    """Type the right PIN, but with the card gone for good."""

    def typed():
        readers.card_in("Virtual reader").remove_after(1)
        return "4071"

    return typed


@pytest.mark.parametrize("end", ["locked", "pulled", "refused"])
def test_no_log_and_no_traceback_holds_a_pin(hold, readers, portal, caplog, end):
    caplog.set_level(1)
    if end == "refused":
        portal.replies["/api/v1/bridge/answers"] = (500, {}, b"")
    typed = {"locked": ["9183", "9184"], "pulled": [pulled(readers)], "refused": ["4071"]}[end]
    with pytest.raises(BridgeError) as raised:
        hold(FakeUI("9182", "91837", *typed, patience=3))
    shown = re.sub(
        r"0x[0-9a-f]+|localhost:\d+|port=\d+|(started|stopped) \d+", "", "".join(kept(raised.value)) + caplog.text
    )
    assert "reader_bridge" in shown
    assert not [pin for pin in PINS if pin in shown or pin.encode().hex(" ") in shown.lower()]


@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_what_breaks_in_the_middle_of_the_pin_does_not_hold_it_either(hold, card, kind):
    respond = card.respond

    def break_at_the_pin(command):
        if command.startswith(VERIFY):
            raise kind
        return respond(command)

    card.respond = break_at_the_pin
    with pytest.raises((RuntimeError, Cancelled)) as raised:
        hold(FakeUI("4071"))
    assert not [text for text in kept(raised.value) if "4071" in text]


def kept(error):
    """Give what an error and all it came from can show: its text, and the locals of our own frames."""
    while error:
        yield repr(error)
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "tests" not in frame.f_code.co_filename:
                yield repr(frame.f_locals)
        error = error.__cause__ or error.__context__


def test_a_card_pulled_out_under_the_pin_never_gets_it_again_by_itself(hold, readers, card, portal):
    ui = FakeUI(pulled(readers), patience=3)
    with pytest.raises(Cancelled):
        hold(ui)
    assert portal.failures == ["card-removed", "cancelled"]
    assert len(pins_sent(card)) <= len(ui.consents)
