"""The seconds that docs/reader-bridge.md and docs/field-cases.md promise, held by the limits that add up to them.

No machine is too loaded for this; that the limits work is what the tests over the real daemon see.
"""

from reader_bridge.conversation.session import FAREWELL
from reader_bridge.portal.way_out import _NEXT_ADDRESS
from reader_bridge.readers.pcsc import _LOOK, _PAUSE
from reader_bridge.readers.pcsc_connection import _ATTEMPTS, _BUSY, _HURRY
from reader_bridge.readers.pcsc_connection import _PAUSE as _BETWEEN_ATTEMPTS
from reader_bridge.readers.pcsc_process import _DOUBT, _LIMITS, _OTHER, _SIGN_OF_LIFE

START = 0.25  # seconds for a process to start, several times what it takes


def limit(name):
    return _LIMITS.get(name, _OTHER)[0]


def test_a_service_that_stops_while_a_card_is_waited_for_is_told_within_five_seconds():
    assert _LOOK / 1000 + limit("SCardGetStatusChange") + _PAUSE < 5


def test_a_service_that_stops_under_a_command_is_told_within_five_seconds():
    assert _DOUBT + START + _SIGN_OF_LIFE + START + _HURRY < 5  # the last two try to cut the card's power


def test_a_service_that_was_stopped_before_is_told_within_five_seconds():
    assert START + limit("SCardEstablishContext") < 5


def test_a_reader_that_does_not_power_its_card_is_told_within_five_seconds():
    assert START + limit("SCardConnect") + START + _HURRY < 5


def test_a_card_in_use_is_told_within_three_seconds():
    assert START + _ATTEMPTS * _BETWEEN_ATTEMPTS + max(_BUSY, limit("SCardBeginTransaction")) < 3


def test_a_silent_card_is_told_after_ten_seconds():
    assert _DOUBT < limit("SCardTransmit") <= 10


def test_a_signal_under_a_command_ends_the_program_within_a_second():
    assert START + _HURRY + FAREWELL < 1


def test_an_address_that_leads_nowhere_costs_less_than_a_second():
    assert _NEXT_ADDRESS < 1
