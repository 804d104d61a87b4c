"""Our bridge over the real PC/SC daemon: what goes wrong with PINs, cards, readers and the service."""

import pytest

from demo.virtual_card import Quirks
from tests.pcsc.desk.daemon import Daemon
from tests.waiting import wait_until

DIGEST = "00" * 32
STEPS = [["list"], ["connect"], ["select"], ["certificate"], ["tries_left"], ["verify_pin", "1234"], ["sign", DIGEST]]
VERIFY = bytes.fromhex("0020008004")


def test_wrong_pins_are_counted_and_then_the_card_is_locked(pcsc, bridge, issued):
    card = pcsc.insert(issued.card())
    bridge.begin()
    answers = [(bridge("verify_pin", "0000"), bridge("tries_left")) for _ in range(3)]
    assert answers == [("pin-incorrect", 2), ("pin-incorrect", 1), ("pin-blocked", 0)]
    assert bridge("verify_pin", "1234") == "pin-blocked"
    assert card.tries_left == 0


def test_no_try_is_spent_before_the_pin_is_given(pcsc, bridge, issued):
    card = pcsc.insert(issued.card())
    bridge.begin()
    assert bridge("verify_pin", "12345") == "pin-malformed"
    assert not any(command.startswith(VERIFY) for command, _ in pcsc.trace())
    assert card.tries_left == 3


@pytest.mark.parametrize("answers", range(13))
def test_a_card_pulled_out_after_each_command_is_told_and_spends_no_try(pcsc, bridge, issued, answers):
    card = pcsc.insert(issued.card())
    bridge("list")
    bridge("connect")
    card.remove_after(answers) if answers else pcsc.remove()
    replies = [bridge(*step) for step in STEPS[2:]]
    gone = {"card-removed", "no-card", "card-unreadable"}  # the last where the service itself has not noticed in time
    assert replies[-1] in gone, replies
    assert card.tries_left == 3
    assert sum(command.startswith(VERIFY) for command, _ in card.trace) <= 1
    bridge("power_off")


def test_an_empty_reader_is_told_and_a_card_put_in_later_is_found(pcsc, bridge, issued):
    assert bridge("list") == ["Virtual PCD 00 00", "Virtual PCD 00 01"]
    assert bridge("connect") == "no-card"
    pcsc.insert(issued.card())
    bridge("list")
    assert bridge("connect") is None
    assert bridge("select") is None


def test_a_card_taken_out_and_put_in_again_is_a_new_one(pcsc, bridge, issued):
    card = pcsc.insert(issued.card())
    bridge.begin()
    pcsc.remove()
    pcsc.insert(card)
    assert bridge("certificate") == "card-removed"
    bridge("power_off")
    assert bridge.begin() is None
    assert bytes.fromhex(bridge("certificate")) == issued.certificate


def test_at_the_end_the_card_has_lost_its_power_and_the_pin_status(pcsc, bridge, issued):
    card = pcsc.insert(issued.card())
    bridge.begin()
    bridge("verify_pin", "1234")
    assert bridge("tries_left") is None
    before = card.power_offs  # the daemon takes the power of a card by itself that nobody used for long
    bridge("power_off")
    wait_until(lambda: card.power_offs > before)
    bridge.begin()
    assert bridge("tries_left") == 3


def test_a_card_that_another_program_holds_is_busy(pcsc, bridge, start_bridge, issued):
    card = pcsc.insert(issued.card())
    other = start_bridge(pcsc.environment)
    other.begin()
    bridge("list")
    assert bridge("connect") == "reader-busy"
    other("power_off")
    assert bridge("connect") is None
    assert card.tries_left == 3


def test_a_program_that_only_keeps_the_card_open_does_not_hinder(pcsc, bridge, start_bridge, issued):
    pcsc.insert(issued.card())
    other = start_bridge(pcsc.environment)
    other("list")
    assert other("keep_open") == 0
    assert bridge.begin() is None
    assert bridge("verify_pin", "1234") is None
    bridge("power_off")
    assert bridge.begin() is None
    assert bridge("tries_left") == 3


@pytest.mark.parametrize(
    "quirks",
    [Quirks(get_response=True), Quirks(exact_length=True), Quirks(first_command_fails=True), Quirks(filler=0)],
    ids=["61xx", "6Cxx", "6F00 first", "no filler"],
)
def test_the_certificate_arrives_however_the_card_hands_it_over(pcsc, bridge, issued, quirks):
    pcsc.insert(issued.card(quirks=quirks))
    bridge.begin()
    assert bytes.fromhex(bridge("certificate")) == issued.certificate


def test_another_card_is_told_from_a_my_number_card(pcsc, bridge, issued):
    pcsc.insert(issued.card(other_card=True))
    assert bridge.begin() == "card-not-supported"


def test_one_bridge_sees_the_service_start_stop_and_start_again(start_bridge):
    with Daemon(with_reader=False) as daemon:
        bridge = start_bridge(daemon.environment)
        assert bridge("list") == "no-reader"
        daemon.stop()
        assert bridge("list") == "no-service"
        daemon.start()
        assert bridge("list") == "no-reader"


def test_a_service_that_does_not_run_is_told(start_bridge, tmp_path):
    bridge = start_bridge({"PCSCLITE_CSOCK_NAME": str(tmp_path / "nobody")})
    assert bridge("list") == "no-service"


def test_a_service_that_stops_while_the_card_is_in_use_is_told(start_bridge, issued):
    with Daemon() as daemon:
        bridge = start_bridge(daemon.environment)
        daemon.insert(issued.card())
        bridge.begin()
        daemon.stop()
        assert bridge("certificate") in ("no-service", "card-removed")
        bridge("power_off")
        assert bridge("list") == "no-service"
        daemon.start()
        daemon.insert(issued.card())
        assert bridge.begin() is None
