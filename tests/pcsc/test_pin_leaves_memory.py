"""After the card has verified the PIN, no memory of ours holds it: neither the command nor what was typed."""

import os
import re
from pathlib import Path

from tests.pcsc.conversations import PROMPT, Silent, children

PIN = "8642"
KNOWN = b"SCardTransmit"  # what the search would find, in each of the processes
SOUGHT = (  # quick to search for: the card's patience is ten seconds
    re.compile(re.escape(b"\x00\x20\x00\x80\x048642")),
    re.compile(rb"4, 56, 54, 52, 50"),
    re.compile(rb"8642(?![0-9A-Za-z.])(?<![0-9A-Za-z.]8642)"),  # as typed; not a part of another number
)


def memory(process):
    """Yield what the mappings hold that a process can write to, one after the other."""
    with (process / "mem").open("rb") as everything:
        for row in (process / "maps").read_text().splitlines():
            span, permissions, *_ = row.split()
            first, last = (int(each, 16) for each in span.split("-"))
            if "w" in permissions:
                everything.seek(first)
                yield everything.read(last - first)


def found(process):
    parts = list(memory(process))
    assert any(KNOWN in part for part in parts)
    return [
        part[each.start() - 40 : each.end() + 8] for part in parts for form in SOUGHT for each in form.finditer(part)
    ]


def test_while_the_card_signs_no_memory_of_the_bridge_holds_the_pin(pcsc, pair, issued):
    silent = Silent(pcsc.insert(issued.card(pin=PIN)), "802A")
    terminal = pair()
    terminal.answer(PROMPT, PIN)
    assert silent.reached.wait(20)
    processes = (Path("/proc", str(terminal.pid)), *children(terminal))
    assert len(processes) == 2
    try:
        places = [each for process in processes for each in found(process)]
    except PermissionError:  # nobody but root may look
        assert os.geteuid() != 0
        places = []
    silent.go_on.set()
    assert (places, terminal.end()) == ([], 0)
