"""What PC/SC's return codes mean to the bridge; the real daemon is in tests/pcsc."""

# ruff: noqa: ARG002, N802 - the fake has the names and arguments of pyscard

import traceback
from contextlib import closing

import pytest

from reader_bridge import errors
from reader_bridge.readers.pcsc import PcscReaders

SHARING_VIOLATION, NOT_TRANSACTED, RESET, REMOVED = 0x8010000B, 0x80100016, 0x80100068, 0x80100069


class FakePcsc:
    """The part of pyscard's `scard` that the bridge uses; codes are taken from lists, 0 when they are used up."""

    SCARD_SCOPE_USER = SCARD_STATE_UNAWARE = 0
    SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_SHARED = 1, 2
    SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1 = 1, 2
    SCARD_PCI_T0, SCARD_PCI_T1 = "T=0", "T=1"
    SCARD_LEAVE_CARD, SCARD_UNPOWER_CARD = 0, 2
    SCARD_STATE_EMPTY, SCARD_STATE_PRESENT, SCARD_STATE_EXCLUSIVE, SCARD_STATE_INUSE = 0x10, 0x20, 0x80, 0x100
    SCARD_E_TIMEOUT = 0x8010000A

    def __init__(self, *, establish=(), connect=(), begin=(), transmit=(), present=True):
        self.codes = {"establish": [*establish], "connect": [*connect], "begin": [*begin], "transmit": [*transmit]}
        self.present = present
        self.names = ["a reader"]
        self.changes = []
        self.contexts = 0
        self.calls = []

    def next_code(self, call):
        return self.codes[call].pop(0) if self.codes[call] else 0

    def SCardEstablishContext(self, scope):
        code = self.next_code("establish")
        self.contexts += not code
        return [code, 7]

    def SCardReleaseContext(self, context):
        self.contexts -= 1
        return 0

    def SCardListReaders(self, context, groups):
        return [0, self.names]

    def SCardConnect(self, context, reader, share, protocols):
        self.calls.append(("connect", share))
        return [self.next_code("connect"), 8, self.SCARD_PROTOCOL_T1]

    def SCardBeginTransaction(self, card):
        return self.next_code("begin")

    def SCardReconnect(self, card, *how):
        self.calls.append(("reconnect", *how))
        return [0, self.SCARD_PROTOCOL_T1]

    def SCardTransmit(self, card, protocol, command):
        self.calls.append(("transmit", bytes(command).hex()))
        return [self.next_code("transmit"), [0x90, 0x00]]

    def SCardGetStatusChange(self, context, patience, states):
        if self.changes:
            return [0, [("a reader", self.changes.pop(0), [])]]
        state = self.SCARD_STATE_PRESENT if self.present else 0
        return [self.SCARD_E_TIMEOUT if self.present else 0, [("a reader", state, [])]]

    def SCardDisconnect(self, card, how):
        self.calls.append(("disconnect", how))
        return 0


def connect(pcsc):
    pauses = []
    connection = PcscReaders(scard=pcsc, sleep=pauses.append).list()[0].connect()
    return connection, pauses


@pytest.mark.parametrize("code", [0x8010001D, 0x8010001E, 0x8010001D - 2**32])
def test_a_service_that_does_not_run_is_told(code):
    with pytest.raises(errors.NoService):
        PcscReaders(scard=FakePcsc(establish=[code])).list()


def test_a_service_that_came_back_is_found_by_the_same_bridge():
    readers = PcscReaders(scard=FakePcsc(establish=[0x8010001E]))
    with pytest.raises(errors.NoService):
        readers.list()
    assert [reader.name for reader in readers.list()] == ["a reader"]


def test_no_reader_is_told():
    pcsc = FakePcsc()
    pcsc.names = []
    with pytest.raises(errors.NoReader):
        PcscReaders(scard=pcsc).list()
    assert pcsc.contexts == 0


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (0x8010000C, errors.NoCard),
        (REMOVED, errors.NoCard),
        (0x80100009, errors.NoReader),
        (0x80100017, errors.NoReader),
        (0x80100066, errors.CardUnreadable),
        (0x80100067, errors.CardUnreadable),
        (0x8010000F, errors.CardUnreadable),
    ],
)
def test_a_connection_that_fails_says_why_and_leaves_no_context(code, problem):
    pcsc = FakePcsc(connect=[code])
    with pytest.raises(problem):
        connect(pcsc)
    assert pcsc.contexts == 0


def test_a_card_held_for_a_moment_is_asked_for_again():
    pcsc = FakePcsc(connect=[SHARING_VIOLATION] * 2)
    _, pauses = connect(pcsc)
    assert len(pauses) == 2
    assert pcsc.calls == [("connect", FakePcsc.SCARD_SHARE_EXCLUSIVE)] * 3


def test_a_card_that_somebody_keeps_open_is_shared():
    pcsc = FakePcsc(connect=[SHARING_VIOLATION] * 5)
    connect(pcsc)
    assert pcsc.calls[-1] == ("connect", FakePcsc.SCARD_SHARE_SHARED)


def test_a_card_held_for_long_is_busy():
    pcsc = FakePcsc(connect=[SHARING_VIOLATION] * 6)
    with pytest.raises(errors.ReaderBusy):
        connect(pcsc)
    assert pcsc.contexts == 0


def test_a_card_reset_before_we_hold_it_is_left_to_be_asked_for_again():
    pcsc = FakePcsc(connect=[SHARING_VIOLATION] * 5, begin=[RESET])
    with pytest.raises(errors.CardReset):
        connect(pcsc)
    assert pcsc.calls[-1] == ("disconnect", FakePcsc.SCARD_LEAVE_CARD)
    assert pcsc.contexts == 0


def test_a_card_held_alone_has_no_transaction_that_could_rest_too_long():
    pcsc = FakePcsc(begin=[RESET])
    connect(pcsc)
    assert pcsc.codes["begin"] == [RESET]


def test_a_reset_is_acknowledged_and_told_and_nothing_is_sent_again():
    pcsc = FakePcsc(transmit=[RESET])
    connection, _ = connect(pcsc)
    with pytest.raises(errors.CardReset):
        connection.transmit(b"\x00\x20\x00\x80")
    assert [call[0] for call in pcsc.calls] == ["connect", "transmit", "reconnect"]
    assert connection.transmit(b"\x00\x20\x00\x80") == b"\x90\x00"


@pytest.mark.parametrize(
    ("code", "present", "problem"),
    [
        (REMOVED, False, errors.CardRemoved),
        (NOT_TRANSACTED, False, errors.CardRemoved),
        (0x8010000C, False, errors.CardRemoved),
        (NOT_TRANSACTED, True, errors.CardUnreadable),
        (0x8010001E, False, errors.NoService),
        (0x80100017, False, errors.NoReader),
        (SHARING_VIOLATION, True, errors.ReaderBusy),
    ],
)
def test_a_command_that_fails_is_told_and_never_sent_again(code, present, problem):
    pcsc = FakePcsc(transmit=[code], present=present)
    connection, _ = connect(pcsc)
    with pytest.raises(problem) as told:
        connection.transmit(b"\x00\x20\x00\x80\x044711")
    assert [call[0] for call in pcsc.calls].count("transmit") == 1
    report = traceback.TracebackException.from_exception(told.value, capture_locals=True)
    assert "4711" not in str(report.stack[-1].locals)


def test_a_card_that_the_service_misses_a_little_later_is_removed():
    pcsc = FakePcsc(transmit=[NOT_TRANSACTED], present=False)
    pcsc.changes = [FakePcsc.SCARD_STATE_PRESENT] * 3
    with pytest.raises(errors.CardRemoved):
        connect(pcsc)[0].transmit(b"")


def test_a_reader_that_never_rests_is_not_waited_for_without_end():
    pcsc = FakePcsc(transmit=[NOT_TRANSACTED])
    pcsc.changes = [FakePcsc.SCARD_STATE_PRESENT] * 100
    with pytest.raises(errors.CardUnreadable):
        connect(pcsc)[0].transmit(b"")


def test_a_reader_that_was_empty_a_moment_ago_costs_no_connection_and_no_process():
    pcsc = FakePcsc()
    pcsc.changes = [FakePcsc.SCARD_STATE_EMPTY]
    with pytest.raises(errors.NoCard):
        connect(pcsc)
    assert (pcsc.calls, pcsc.contexts) == ([], 0)


def test_the_power_is_cut_once():
    pcsc = FakePcsc()
    connection, _ = connect(pcsc)
    connection.power_off()
    connection.power_off()
    assert pcsc.calls[1:] == [("disconnect", FakePcsc.SCARD_UNPOWER_CARD)]
    assert pcsc.contexts == 0


def test_without_pyscard_the_part_that_is_missing_is_named(monkeypatch, tmp_path):
    (tmp_path / "smartcard.py").write_text("raise ImportError('no smartcard here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with closing(PcscReaders()) as readers, pytest.raises(errors.PcscMissing, match="smartcard"):
        readers.list()
