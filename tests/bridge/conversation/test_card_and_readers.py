"""Card and reader come and go; the bridge waits, tells the page and begins again at SELECT."""

from datetime import UTC, datetime, timedelta

import pytest

from demo.virtual_card.readers import VirtualReaders
from reader_bridge.errors import Cancelled, CertificateAbsent
from tests.bridge.fake_portal import HANDLE
from tests.bridge.fake_ui import FakeUI

from .test_pin import pins_sent

SELECT_APPLICATION = bytes.fromhex("00A4040C")
COMMANDS = range(1, 20)
TROUBLE = {  # what the citizen is shown, what the portal is told
    "unplugged": ("no-reader", "no-reader"),
    "stopped": ("no-service", "no-service"),
    "busy": ("reader-busy", "reader-busy"),
}


def after_some_looks(act, looks=3):
    """Return a sleep that acts when it has been called so often."""
    remaining = iter([None] * (looks - 1) + [act])

    def sleep(_):
        if now := next(remaining, None):
            now()

    return sleep


def test_an_empty_reader_is_told_once_and_taken_back(hold, portal, readers, card):
    readers.remove()
    ui = FakeUI("4071")
    hold(ui, sleep=after_some_looks(lambda: readers.insert(card)))
    assert portal.failures == ["no-card", "resolved"]
    assert ui.problems == ["no-card", None]
    assert ui.urls


@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_with_the_reader_is_waited_out(hold, portal, readers, card, trouble):
    def repair():
        readers.service_stopped = readers.busy = False
        readers.plug_in("Virtual reader")
        readers.insert(card)

    readers.service_stopped, readers.busy = trouble == "stopped", trouble == "busy"
    if trouble == "unplugged":
        readers.unplug()
    ui = FakeUI("4071")
    hold(ui, sleep=after_some_looks(repair))
    shown, told = TROUBLE[trouble]
    assert (ui.problems, portal.failures) == ([shown, None], [told, "resolved"])
    assert ui.urls


def test_another_kind_of_card_is_told_and_waited_out(hold, portal, readers, make_card, card):
    readers.insert(make_card(other_card=True))
    hold(FakeUI("4071"), sleep=after_some_looks(lambda: readers.insert(card)))
    assert portal.failures == ["card-not-supported", "resolved"]


def test_a_card_with_an_odd_certificate_is_told_and_waited_out(hold, portal, readers, make_card, card):
    readers.insert(make_card(certificate=b"\x30\x03\x02\x01\x05"))
    ui = FakeUI("4071")
    hold(ui, sleep=after_some_looks(lambda: readers.insert(card)))
    assert portal.failures == ["card-unreadable", "card-unreadable", "resolved"]
    assert ui.problems == ["card-unreadable", "card-data-unusable", None]


def test_a_card_without_the_certificate_ends_it(hold, portal, readers, make_card):
    readers.insert(make_card(certificate=None))
    ui = FakeUI()
    with pytest.raises(CertificateAbsent):
        hold(ui)
    assert (portal.failures, ui.failures) == (["certificate-absent"], ["certificate-absent"])


def test_the_citizen_can_stop_the_waiting(hold, portal, readers):
    readers.remove()
    ui = FakeUI(patience=2)
    with pytest.raises(Cancelled):
        hold(ui)
    assert (portal.failures, ui.failures) == (["no-card", "cancelled"], ["cancelled"])


def test_a_standing_problem_is_told_again_so_that_an_ended_session_is_noticed(hold, portal, readers, card):
    seconds = iter(range(0, 1000, 4))  # of a clock that goes on by four at each glance
    readers.remove()
    hold(
        FakeUI("4071"),
        sleep=after_some_looks(lambda: readers.insert(card), looks=7),
        now=lambda: datetime(2026, 7, 1, tzinfo=UTC) + timedelta(seconds=next(seconds)),
        handle=HANDLE,
    )
    assert portal.failures == ["no-card", "no-card", "no-card", "resolved"]


def test_of_two_readers_the_one_with_a_my_number_card_is_taken(hold, readers, make_card):
    readers.plug_in("Another reader")
    readers.insert(make_card(other_card=True), "Another reader")
    ui = FakeUI("4071")
    hold(ui)
    assert (ui.choices, ui.consents[0].reader) == ([], "Virtual reader")


def test_of_two_my_number_cards_the_citizen_chooses(hold, readers, make_card, card):
    other = make_card()
    readers.plug_in("Another reader")
    readers.insert(other, "Another reader")
    ui = FakeUI("4071", chooses=["Another reader"])
    hold(ui)
    assert ui.choices == [["Virtual reader", "Another reader"]]
    assert (pins_sent(card), pins_sent(other)) == ([], ["4071"])


def test_a_pulled_card_is_not_silently_replaced_by_the_other_readers(hold, readers, make_card, card):
    other = make_card()
    readers.plug_in("Another reader")
    readers.insert(other, "Another reader")
    card.remove_after(4)
    ui = FakeUI("4071", chooses=["Virtual reader", None])
    with pytest.raises(Cancelled):
        hold(ui)
    assert ui.choices == [["Virtual reader", "Another reader"], ["Another reader"]]
    assert pins_sent(other) == []


@pytest.mark.parametrize("answers", COMMANDS)
def test_a_card_pulled_out_after_any_command_is_waited_for_and_begun_again(hold, portal, readers, make_card, answers):
    first, second = make_card(), make_card()
    first.remove_after(answers)
    readers.insert(first)
    ui = FakeUI("4071", "4071")
    hold(ui, sleep=lambda _: readers.card_in("Virtual reader") or readers.insert(second))
    assert ui.urls
    assert len(pins_sent(first) + pins_sent(second)) <= len(ui.consents)
    assert not second.trace or second.trace[0][0].startswith(SELECT_APPLICATION)
    assert portal.failures in ([], ["card-removed", "resolved"])
    assert first.tries_left == second.tries_left == 3


def test_the_commands_counted_above_are_all_there_are(hold, card):
    hold(FakeUI("4071"))
    assert len(card.trace) < COMMANDS.stop


def test_no_reader_at_all_is_an_empty_list_too(hold, portal, monkeypatch):
    monkeypatch.setattr(VirtualReaders, "list", lambda _: [])
    with pytest.raises(Cancelled):
        hold(FakeUI(patience=9))
    assert portal.failures == ["no-reader", "cancelled"]
