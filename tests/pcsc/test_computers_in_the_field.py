"""What computers and PC/SC do in the field, over the real daemon: a row of docs/field-cases.md each."""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.pcsc.desk.conversations import COMMAND, PROMPT, Silent, verified
from tests.pcsc.desk.daemon import Daemon
from tests.waiting import wait_until

SONY = "ソニー".encode("cp932")
VERSIONS_DIFFER = 0x8010001E


@pytest.fixture
def run(environment):
    settings = {"capture_output": True, "text": True}
    return lambda *command: subprocess.run([*COMMAND, *command], env=environment, check=False, **settings)


@pytest.mark.parametrize(
    ("code", "words"),
    [(0x8010006A, "does not let you use card readers"), (VERSIONS_DIFFER, "different versions")],
    ids=["8010006A", "8010001E"],
)
@pytest.mark.parametrize("command", ["list", "show", "doctor"])
def test_what_pcsc_says_before_any_reader_has_its_own_sentence(shim, run, code, words, command):
    shim(establish=code)
    result = run(command)
    said = result.stdout + result.stderr
    assert (result.returncode, words in said, "metal desk" in said) == (1, True, False)
    versions = re.search(r"pcsc-lite version [0-9.]+[0-9], /\S+/libpcsclite\.so\.1", said)
    assert bool(versions) == (code == VERSIONS_DIFFER)


def test_a_slot_that_is_always_mute_is_no_card_and_the_other_one_is_waited_for(pcsc, shim, pair, issued):
    shim(mute_slot="Virtual PCD 00 00")
    terminal = pair()
    terminal.wait("Put your My Number card on the card reader.")
    pcsc.insert(issued.card(), slot=1)
    terminal.answer(PROMPT, "1234")
    assert (terminal.end(), "cannot be read" in terminal.shown) == (0, False)


def test_a_reader_whose_name_is_not_utf_8_is_shown_and_can_be_named(environment, issued):
    with Daemon(name=SONY) as daemon:
        card = daemon.insert(issued.card())
        run = lambda *command: subprocess.run(  # noqa: E731
            [*COMMAND, *command], env=environment | daemon.environment, check=False, capture_output=True, text=True
        )
        names = run("list").stdout.splitlines()
        assert (len(names), "\ufffd" in names[0]) == (2, True)
        shown = run("show", "--reader", names[0])
        assert (shown.returncode, "1C2410DF79DGEL" in shown.stdout) == (0, True)
        assert f"[OK] {names[0]}" in run("doctor").stdout
    assert verified(card) == 0


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp932", "ascii"])
def test_no_output_fails_whatever_the_terminal_can_show(pcsc, environment, issued, encoding):
    pcsc.insert(issued.card())
    surroundings = environment | {"PYTHONIOENCODING": encoding}
    for command in (["--lang", "ja", "doctor"], ["--lang", "ja", "show"]):
        result = subprocess.run([*COMMAND[:3], *command], env=surroundings, check=False, capture_output=True)
        assert b"Traceback" not in result.stderr
        assert result.stdout


HOMELESS = {"missing": {}, "no runtime": {"XDG_RUNTIME_DIR": "/proc/4711"}, "none": {"HOME": None}}


@pytest.mark.parametrize("home", HOMELESS)
def test_without_a_home_readings_work_and_what_is_not_kept_is_said(pcsc, portal, issued, home):
    pcsc.insert(issued.card())
    surroundings = pcsc.environment | {"PATH": "/usr/bin:/bin", "HOME": "/proc/nobody"} | HOMELESS[home]
    surroundings = {name: value for name, value in surroundings.items() if value}
    drop = ["unshare", "--user", "--map-user=4711", "--map-group=4711"]  # a user whom passwd does not know
    run = lambda *command, **more: subprocess.run(  # noqa: E731
        [*drop, *COMMAND, *command], env=surroundings, check=False, capture_output=True, text=True, cwd="/proc", **more
    )
    assert run("list").stdout.splitlines() == ["Virtual PCD 00 00", "Virtual PCD 00 01"]
    assert "1C2410DF79DGEL" in run("show").stdout
    for command in (["install"], ["terminal", "enrol", "--portal", portal.origin, "K7QF-4PXW-ABCD"]):
        result = run(*command, input="y\n")
        assert (result.returncode, "Traceback" in result.stderr) == (1, False), result.stderr
        assert "annot be" in result.stderr


def test_a_portal_that_cannot_be_remembered_is_said_and_the_conversation_goes_on(pcsc, environment, issued, pair):
    pcsc.insert(issued.card())
    environment["MYKEY_BRIDGE_SETTINGS"] = "/proc/nowhere/bridge.toml"
    terminal = pair()
    terminal.answer("Connect to this portal?", "y")
    terminal.wait("This portal cannot be remembered")
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0


@pytest.mark.parametrize("place", ["/dev/full", "/proc/nowhere/mine.txt"])
def test_a_file_that_cannot_be_written_is_said_in_one_sentence(pcsc, run, issued, place):
    card = pcsc.insert(issued.card())
    result = run("show", "--output", place)
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert result.stderr == (
        "The file cannot be written. Check that the place in the line below can be written to and has room.\n"
        f"  {place}\n"
    )
    assert bool(card.trace) == (place == "/dev/full")  # the other was seen before the card was read


def test_the_names_there_are_are_said_to_one_that_is_unknown_and_to_nobody_s_choice(pcsc, run, issued):
    pcsc.insert(issued.card())
    pcsc.insert(issued.card(), slot=1)
    unknown, nobody = run("show", "--reader", "Nowhere"), run("show")
    assert (unknown.returncode, nobody.returncode) == (2, 2)
    for result in (unknown, nobody):
        assert "Virtual PCD 00 00, Virtual PCD 00 01" in result.stderr
    assert "Name one with --reader" in nobody.stderr


def test_doctor_with_a_good_card_beside_an_empty_slot_is_content(pcsc, run, issued):
    pcsc.insert(issued.card())
    result = run("doctor")
    assert (result.returncode, "[--] Virtual PCD 00 01" in result.stdout) == (0, True)


def test_the_chosen_card_is_followed_into_the_other_reader(pcsc, pair, issued):
    card = pcsc.insert(issued.card())
    pcsc.insert(issued.card(tries=2), slot=1)
    terminal = pair()
    terminal.answer("Number of the reader to use", "1")
    terminal.wait(PROMPT)
    pcsc.remove()
    pcsc.insert(card, slot=1)
    terminal.type("1234")
    terminal.answer(PROMPT, "1234")
    assert (terminal.end(), "Reader: Virtual PCD 00 01" in terminal.shown) == (0, True)
    assert terminal.shown.count("Number of the reader") == 1


def test_a_refusal_of_the_portal_is_said_in_the_chosen_language_alone(pcsc, pair, portal, issued):
    pcsc.insert(issued.card())
    fields = b'{"title": "x", "code": "signature-invalid"}'
    portal.replies["/api/v1/bridge/answers"] = (422, {"Content-Type": "application/problem+json"}, fields)
    terminal = pair()
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 1
    said = terminal.shown.partition("\n")[2].strip().splitlines()
    assert said[-1].startswith("The portal could not verify the card's signature. Nothing was registered. Start again")
    assert {headers["Accept-Language"] for _, headers, _ in portal.calls} == {"en"}


def test_a_terminal_serves_the_free_reader_whose_neighbour_does_not_answer(pcsc, portal, tmp_path, issued, in_time):
    portal.replies["/api/v1/taps"] = (204, {}, b"")
    place = Path(tmp_path)
    (place / "bridge.toml").write_text("")
    fields = f'{{"origin": "{portal.origin}", "token": "a.b", "service_provider_id": "A-α1-0001"}}'
    (place / "terminal.json").write_text(fields, "utf-8")
    places = {
        "MYKEY_BRIDGE_SETTINGS": str(place / "bridge.toml"),
        "XDG_RUNTIME_DIR": str(place),
        "PATH": "/usr/bin:/bin",
    }
    command = [*COMMAND, "--allow-http", portal.origin, "terminal", "run"]
    with subprocess.Popen(command, env=pcsc.environment | places, stdout=subprocess.PIPE, text=True) as running:
        running.stdout.readline()
        assert "Waiting for cards" in running.stdout.readline()
        held = pcsc.insert(issued.card())
        silent = Silent(held, "00A4")
        begin = time.monotonic()
        pcsc.insert(issued.card(), slot=1)
        wait_until(lambda: any(path.endswith("/taps") for path, _, _ in portal.calls))
        in_time(time.monotonic() - begin, 3)
        silent.go_on.set()
        running.send_signal(signal.SIGINT)
        assert running.wait(5) == 0
