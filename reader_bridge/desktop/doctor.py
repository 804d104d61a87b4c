"""Examine what the bridge stands on: readers, service, card, portals, clock."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reader_bridge.card.certain_refusal import date_problem, refuse_for_certain
from reader_bridge.card.jpki import Jpki
from reader_bridge.errors import BridgeError, NoCard, PinBlocked
from reader_bridge.portal.client import PortalClient
from reader_bridge.readers import Reader, Readers

CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Finding:
    """One thing examined: the name of the sentence that tells about it, and whether it stands in the way."""

    subject: str
    code: str
    good: bool
    detail: str = ""


def examine_readers(readers: Readers, now: datetime) -> Iterator[Finding]:
    """Look at every reader and the card in it; no PIN try is spent."""
    try:
        found = readers.list()
    except BridgeError as error:
        yield _wrong("PC/SC", error)
        return
    for reader in found:
        yield _examine_card(reader, now)


def empty_beside_a_good_card(findings: Collection[Finding]) -> list[Finding]:
    """Return the empty slots, which stand in nobody's way where another one holds a good card."""
    good = any(finding.code == "card-good" for finding in findings)
    return [finding for finding in findings if good and finding.code == NoCard.code]


def examine_portals(clients: Iterable[PortalClient], now: datetime) -> Iterator[Finding]:
    """Ask every portal for its clock."""
    for client in clients:
        try:
            difference = now - client.clock()
        except BridgeError as error:
            yield _wrong(str(client.origin), error)
            continue
        right = abs(difference) <= CLOCK_TOLERANCE
        seconds = f"{difference.total_seconds():+.0f} s"
        yield Finding(str(client.origin), "portal-good" if right else "clock-wrong", right, seconds)


def _examine_card(reader: Reader, now: datetime) -> Finding:
    try:
        connection = reader.connect()
        try:
            jpki = Jpki(connection)
            jpki.select()
            certificate = jpki.certificate()
            refuse_for_certain(certificate)
            problem = date_problem(certificate, now)
            tries_left = jpki.tries_left()
        finally:
            connection.let_go()  # no PIN was given, and another program may have signed in
        if tries_left == 0:
            raise PinBlocked
    except BridgeError as error:
        return _wrong(reader.name, error)
    tries = "" if tries_left is None else f"PIN {tries_left}/3"
    return Finding(reader.name, problem or "card-good", problem is None, tries)


def _wrong(subject: str, error: BridgeError) -> Finding:
    return Finding(subject, error.code, good=False, detail=error.detail)
