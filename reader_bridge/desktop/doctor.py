"""Examine what the bridge stands on: readers, service, card, portals, clock."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reader_bridge.card.certain_refusal import date_problem, refuse_for_certain
from reader_bridge.card.jpki import Jpki
from reader_bridge.desktop.installation import installation
from reader_bridge.desktop.link import try_link
from reader_bridge.desktop.usb import UsbReader, usb_readers
from reader_bridge.errors import BridgeError, NoCard, PinBlocked
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.way_out import proxy_for
from reader_bridge.readers import Reader, Readers

SERVICE = "PC/SC"  # the subject of what hides every reader
CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Finding:
    """One thing examined: the name of the sentence that tells about it, and whether it stands in the way."""

    subject: str
    code: str
    good: bool
    detail: str = ""
    note: bool = False  # worth a word, and in nobody's way


def examine(readers: Readers, clients: Iterable[PortalClient], now: Callable[[], datetime]) -> list[Finding]:
    """Examine all of it; the link is tried meanwhile, for a silent service is waited for."""
    with ThreadPoolExecutor(1) as beside:
        tried = beside.submit(list, examine_link())
        findings = [*examine_readers(readers, now())]
    names = [finding.subject for finding in findings if finding.subject != SERVICE]
    findings += [*examine_session(), *examine_usb(names), *examine_portals(clients, now), *tried.result()]
    beside_a_good_card = empty_beside_a_good_card(findings)
    return [replace(each, note=each.note or each in beside_a_good_card) for each in findings]


def examine_readers(readers: Readers, now: datetime) -> Iterator[Finding]:
    """Look at every reader and the card in it; no PIN try is spent."""
    try:
        found = readers.list()
    except BridgeError as error:
        yield _wrong(SERVICE, error)
        return
    for reader in found:
        yield _examine_card(reader, now)


def examine_session(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Note a remote desktop, in which Windows looks for readers at the other side."""
    if environment.get("SESSIONNAME", "").startswith("RDP-"):
        yield Finding("RDP", "remote-session", good=False, note=True)


def examine_usb(names: Iterable[str], seen: Iterable[UsbReader] | None = None) -> Iterator[Finding]:
    """Name the readers on USB that are not among PC/SC's names, and what would drive them."""
    shown = [name.lower() for name in names]
    plugged = list(usb_readers() if seen is None else seen)
    for each in plugged:
        if len(shown) < len(plugged) and not any(each.product.lower() in name for name in shown):
            own = each.driver in ("rc-s380", "pn533")
            yield Finding(
                each.name, each.driver if own else "driver-missing", good=False, detail="" if own else each.driver
            )


def examine_link() -> Iterator[Finding]:
    """Say which program a link in the browser starts, and try whether one reaches this program."""
    installed = installation()
    owner = installed.owner()
    if owner is None:
        yield Finding("mykey-bridge", "link-not-installed", good=False, note=True)
    elif not installed.is_ours(owner):
        yield Finding("mykey-bridge", "link-elsewhere", good=False, detail=owner, note=True)
    elif sys.platform == "linux":
        try:
            try_link()
        except BridgeError as error:
            yield _wrong("mykey-bridge", error)
        else:
            yield Finding("mykey-bridge", "link-arrives", good=True)


def empty_beside_a_good_card(findings: Collection[Finding]) -> list[Finding]:
    """Return the empty slots, which stand in nobody's way where another one holds a good card."""
    good = any(finding.code == "card-good" for finding in findings)
    return [finding for finding in findings if good and finding.code == NoCard.code]


def examine_portals(clients: Iterable[PortalClient], now: Callable[[], datetime]) -> Iterator[Finding]:
    """Ask every portal for its clock."""
    for client in clients:
        with suppress(BridgeError):
            if proxy := proxy_for(client.origin):
                yield Finding(
                    str(client.origin), "proxy-used", good=True, detail=f"{proxy.hostname}:{proxy.port or 80}"
                )
        try:
            told = client.clock()
            difference = now() - told
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
