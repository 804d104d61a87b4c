"""The PIN is in the one command to the card, and nowhere else that anybody could look."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.pcsc.desk.conversations import COMMAND, PROMPT, Answering, Silent, children, verified

PIN = "8642"
FORMS = ("8642", "38 36 34 32", "38363432", "56, 54, 52, 50", "ODY0Mg")


@pytest.fixture
def pair_and_log(environment, portal, pcsc, tmp_path):
    """Begin a conversation that logs everything and may write core files, in an empty folder."""
    Path(environment["MYKEY_BRIDGE_SETTINGS"]).write_text(f'known_origins = ["{portal.origin}"]')
    line = f"cd {tmp_path} && ulimit -c unlimited && exec "
    command = (*COMMAND, "--debug", "--allow-http", portal.origin, "pair", "--portal", portal.origin, "K7QF-4PXW")
    surroundings = environment | pcsc.environment | {"PYTHONPATH": str(Path.cwd()), "PYTHONDEVMODE": "1"}
    terminal = Terminal("bash", "-c", line + " ".join(command), environment=surroundings)
    yield terminal
    terminal.kill()


def found(text):
    return [form for form in FORMS if form in text]


def test_no_process_file_log_or_core_holds_the_pin_while_the_card_has_it(pcsc, pair_and_log, portal, issued, tmp_path):
    card = pcsc.insert(issued.card(pin=PIN))
    silent = Silent(card, "0020008004")
    pair_and_log.answer(PROMPT, PIN)
    assert silent.reached.wait(20)
    for process in (Path("/proc", str(pair_and_log.pid)), *children(pair_and_log)):
        seen = b"".join((process / name).read_bytes() for name in ("cmdline", "environ", "comm"))
        assert found(seen.decode("latin-1").replace(portal.origin, "")) == []
        assert " 0 " in next(row for row in (process / "limits").read_text().splitlines() if "core file" in row)
    for process in (*children(pair_and_log), Path("/proc", str(pair_and_log.pid))):
        os.kill(int(process.name), signal.SIGSEGV)
    silent.go_on.set()
    pair_and_log.end()
    assert found(pair_and_log.shown.replace(portal.origin, "")) == []
    assert "> 00 20 00 80 04 …" in pair_and_log.shown
    assert list(tmp_path.glob("*core*")) == []


@pytest.mark.parametrize("answer", [b"", b"\x12\x34", b"\x86\x42"])
def test_a_failure_under_the_pin_shows_it_in_no_sentence_and_no_traceback(pcsc, pair_and_log, portal, issued, answer):
    card = pcsc.insert(issued.card(pin=PIN))
    Answering(card, "0020008004", lambda *_: answer or b"\x6f\x00", times=1)
    pair_and_log.answer(PROMPT, PIN)
    pair_and_log.answer(PROMPT, PIN)
    assert pair_and_log.end() == 0
    assert found(pair_and_log.shown.replace(portal.origin, "")) == []
    assert verified(card) == 2


SEARCHED = b"SCardTransmit"  # what the search finds in each of the processes, or it has not searched
# The bridge lets nobody but root look at its memory; whoever made the namespace that it runs in is root there.
OUR_NAMESPACE = ("unshare", "--user", "--map-root-user")


def memory(process):
    """Copy what the mappings hold that a process can write to."""
    with (process / "mem").open("rb") as everything:
        for row in (process / "maps").read_text().splitlines():
            span, permissions, *_ = row.split()
            first, last = (int(each, 16) for each in span.split("-"))
            if "w" in permissions:
                everything.seek(first)
                yield everything.read(last - first)


def remembered(copies, pin):
    """Name the forms in which the copies hold the PIN."""
    forms = {
        "command": re.escape(b"\x00\x20\x00\x80\x04" + pin),
        "numbers": b"4, " + b", ".join(b"%d" % byte for byte in pin),
        "typed": b"%b(?![0-9A-Za-z.])(?<![0-9A-Za-z.]%b)" % (pin, pin),  # not a part of another number
    }
    return {name for name, form in forms.items() for copy in copies if re.search(form, copy)}


@pytest.fixture
def held(pcsc, pair, issued):
    """Hold a conversation; return the forms in which its memory has the PIN while the card signs."""

    def converse(pin):
        silent = Silent(pcsc.insert(issued.card(pin=pin)), "802A")
        terminal = pair(*OUR_NAMESPACE)
        terminal.answer(PROMPT, pin)
        assert silent.reached.wait(20)
        copies = [list(memory(each)) for each in (Path("/proc", str(terminal.pid)), *children(terminal))]
        silent.go_on.set()  # the card's patience is ten seconds, and the search takes longer on a loaded machine
        assert terminal.end() == 0
        assert [any(SEARCHED in part for part in each) for each in copies] == [True, True]
        return set().union(*(remembered(each, pin.encode()) for each in copies))

    return converse


def test_while_the_card_signs_no_memory_of_the_bridge_holds_the_pin(held):
    by_chance = held(PIN)
    assert by_chance <= {"typed"}  # four digits may be a number that happens to be there, but not two times
    assert not by_chance or held("9753") == set()


@pytest.mark.parametrize("form", ["command", "numbers", "typed"])
def test_the_search_finds_each_form(form):
    forms = {"command": b"\x00\x20\x00\x80\x048642", "numbers": b"[4, 56, 54, 52, 50]", "typed": b" 8642\n"}
    assert form in remembered([forms[form]], b"8642")
