"""Readers and cards are watched over the real daemon: nothing is asked again and again, and whatever comes is seen."""

import threading
import time
from contextlib import closing, suppress

import pytest

from reader_bridge.errors import NoCard, NoReader, NoService
from reader_bridge.readers.card_finder import CardFinder
from reader_bridge.readers.pcsc import PcscReaders
from reader_bridge.readers.pcsc_process import PcscProcess
from tests.pcsc.desk.daemon import Daemon
from tests.waiting import wait_until


class Counted(PcscProcess):
    """Counts what PC/SC is asked."""

    calls, waits = 0, False

    def _call(self, name, *arguments):
        self.calls += 1
        self.waits |= name == "SCardGetStatusChange" and arguments[1] > 0
        return super()._call(name, *arguments)


@pytest.fixture
def counted(pcsc, monkeypatch):
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", pcsc.environment["PCSCLITE_CSOCK_NAME"])
    with closing(Counted()) as scard:
        yield scard


def look(finder):
    with finder.found() as found:
        return found


def seconds(act):
    begin = time.monotonic()
    act()
    return time.monotonic() - begin


def asked_in_five_seconds(counted):
    """Count from the beginning of the first wait, which is not counted."""
    wait_until(lambda: counted.waits)
    before = counted.calls
    time.sleep(5)
    return counted.calls - before


def test_five_seconds_of_waiting_for_a_card_ask_pcsc_twice_at_most(counted):
    readers = PcscReaders(scard=counted)
    finder = CardFinder(readers)
    with pytest.raises(NoCard):
        look(finder)
    assert finder.patience == 10
    waiting = threading.Thread(target=readers.wait, args=(finder.patience,))
    waiting.start()
    assert asked_in_five_seconds(counted) <= 2
    assert waiting.is_alive()  # it has waited all the time
    counted.stopped = lambda: True
    waiting.join()


def test_five_seconds_at_a_terminal_ask_pcsc_twice_at_most(counted):
    events = PcscReaders(scard=counted).watch()
    next(events)

    def watch_on():
        with suppress(NoService):
            next(events)

    watching = threading.Thread(target=watch_on)
    watching.start()
    assert asked_in_five_seconds(counted) <= 2
    assert watching.is_alive()
    counted.stopped = lambda: True
    watching.join()


def test_a_card_that_comes_and_one_that_goes_end_the_wait(pcsc, counted, issued):
    readers = PcscReaders(scard=counted)
    for act in (lambda: pcsc.insert(issued.card()), pcsc.remove):
        readers.list()
        acting = threading.Timer(0.5, act)
        acting.start()
        assert seconds(lambda: readers.wait(10)) < 4
        acting.join()


def test_a_wait_of_ten_seconds_that_is_stopped_ends_within_a_second(counted, in_time):
    readers = PcscReaders(scard=counted)
    readers.list()
    stopped = []
    threading.Timer(1, lambda: stopped.append(time.monotonic())).start()
    readers.wait(10, lambda: bool(stopped))
    in_time(time.monotonic() - stopped[0], 1)


def test_a_service_that_comes_back_with_a_reader_ends_the_wait_for_one(monkeypatch):
    with Daemon(with_reader=False) as daemon:
        monkeypatch.setenv("PCSCLITE_CSOCK_NAME", daemon.environment["PCSCLITE_CSOCK_NAME"])
        with closing(PcscReaders()) as readers:
            finder = CardFinder(readers)
            with pytest.raises(NoReader):
                look(finder)
            assert finder.patience == 10
            daemon.stop()
            daemon.with_reader = True
            restart = threading.Timer(1, daemon.start)
            restart.start()
            assert seconds(lambda: readers.wait(finder.patience)) < 4
            restart.join()
            assert [reader.name for reader in readers.list()] == ["Virtual PCD 00 00", "Virtual PCD 00 01"]
