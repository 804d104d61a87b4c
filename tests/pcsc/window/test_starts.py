"""Starts of the program on a real screen: at once, again, after it was killed, in the background, as a terminal."""

import signal
import time
from pathlib import Path

from demo.virtual_card import ServiceCard
from tests.bridge.fake_portal import json_reply
from tests.waiting import wait_until

START_PAGE = "Begin on the portal's page"
TERMINAL = "Service terminal"


def test_a_second_start_brings_the_window_forward_with_its_link(pcsc, show, link, portal):
    first = show(daemon=pcsc)
    first.says(START_PAGE)
    assert show(link).end() == ("", 0)
    first.says("no-card")
    assert [path for path, *_ in portal.calls if path.endswith("claims")] == ["/api/v1/bridge/claims"]
    assert first.end_by(signal.SIGTERM) == ("", 0)


def test_nothing_of_the_program_listens_but_the_socket_of_its_own_user(pcsc, show, environment):
    window = show(daemon=pcsc)
    window.says(START_PAGE)
    own = Path(environment["XDG_RUNTIME_DIR"], "mykey-window.sock")
    [made_as] = listening(window.pid)  # Qt names it only when it is closed to others
    assert Path(made_as).is_relative_to(own.parent)
    assert own.is_socket()
    assert own.stat().st_mode & 0o077 == 0
    assert window.end_by(signal.SIGTERM) == ("", 0)
    assert not own.exists()


def listening(pid):
    """Return what a process accepts connections at, local sockets and ports, as the kernel tells it."""
    links = (str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir())
    inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [row.split() for row in Path("/proc/net/unix").read_text().splitlines()[1:]]
    local = [row[7] for row in rows if row[6] in inodes and int(row[3], 16) & 0x10000]
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6", "udp", "udp6")]
    ports = [row.split()[1] for table in tables for row in table if row.split()[9] in inodes]
    return local + ports


def test_after_a_window_was_killed_the_next_one_opens(pcsc, show):
    first = show(daemon=pcsc)
    first.says(START_PAGE)
    first.send(signal.SIGKILL)
    first.end()
    second = show(daemon=pcsc)
    second.says(START_PAGE)
    assert show().end() == ("", 0)
    assert second.end_by(signal.SIGTERM) == ("", 0)


def test_the_link_that_is_opened_to_try_whether_links_arrive_shows_no_window(show, environment):  # noqa: ARG001
    begin = time.monotonic()
    trial = "mykey-bridge:read?origin=https%3A%2F%2Fnowhere.invalid&handle=h4ndle-h4ndle-h4ndle-h4ndle"
    assert show("open", trial).end() == ("", 0)
    assert time.monotonic() - begin < 10


def test_a_terminal_is_enrolled_on_the_screen_and_goes_on_in_the_background(pcsc, show, portal):
    portal.replies["/api/v1/terminals"] = json_reply(201, {"token": "token-1", "service_provider_id": "A-α1-0001"})
    portal.replies["/api/v1/taps"] = 204, {}, b""
    window = show("terminal", daemon=pcsc)
    window.says(TERMINAL)
    window.keys("Tab")
    window.types("ABCDEFGHJKMN")
    window.keys("Return")
    wait_until(lambda: "/api/v1/terminals" in called(portal))
    wait_until(lambda: tapped(pcsc, portal))
    assert window.end_by(signal.SIGTERM) == ("", 0)
    again = show("terminal", "--background", daemon=pcsc)
    wait_until(lambda: called(portal).count("/healthz") > 1)
    assert again.title == ""
    portal.calls.clear()
    wait_until(lambda: tapped(pcsc, portal))
    assert show("terminal").end() == ("", 0)
    again.says(TERMINAL)
    assert again.end_by(signal.SIGTERM) == ("", 0)


def called(portal):
    return [path for path, *_ in portal.calls]


def tapped(pcsc, portal):
    """Tap a card; one that lay there when the watching began is not taken."""
    pcsc.insert(ServiceCard(bytes.fromhex("0123456789ABCDEF"), felica=True))
    try:
        wait_until(lambda: "/api/v1/taps" in called(portal), seconds=3)
    except AssertionError:
        return False
    finally:
        pcsc.remove()
    return True
