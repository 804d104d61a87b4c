"""`mykey serve --workers`: several processes on one socket; who is killed is replaced, and all end in order."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cli import main
from tests.conftest import a_database
from tests.e2e.operation.test_production import (  # noqa: F401 (two of them are fixtures)
    MYKEY,
    answer_of,
    environment,
    genuine_looking,
    settings,
)
from tests.e2e.operation.test_serving import body_of, listens, taken  # noqa: F401 (a fixture)
from tests.waiting import wait_until

SLOW = """
import os, sys, time
from portal.serving import processes, server
from portal.gateways.listener import listening
processes.YOUNG = 0.1
def app(environ, start):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
with listening(sys.argv[1]) as sockets:
    processes.run_several(2, lambda: server.run(server.make_server(app, sockets=sockets)))
"""


@pytest.fixture
def database(request, tmp_path):
    yield from a_database("postgresql", request, tmp_path)


@pytest.fixture
def several(taken):  # noqa: F811
    """Give two processes of a small program, and where they listen."""
    address = taken.replace("127.0.0.1", "127.0.0.3")
    with subprocess.Popen([sys.executable, "-c", SLOW, address], stderr=subprocess.DEVNULL) as first:
        wait_until(lambda: len(children(first)) == 2 and all(map(serves, children(first))))
        yield first, f"http://{address}/"
        first.kill()


def children(process):
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def serves(pid):
    """Tell whether a process has come so far that SIGTERM ends it in order."""
    caught = int(Path(f"/proc/{pid}/status").read_text().split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> signal.SIGTERM - 1 & 1)


def lives(pid):
    return Path(f"/proc/{pid}/exe").exists() and "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_both_answer_and_who_is_killed_is_replaced(several):
    first, address = several
    before = children(first)
    with ThreadPoolExecutor(40) as visitors:
        answered = set(visitors.map(body_of, [f"{address}?0.2"] * 40))
    assert answered == {str(each).encode() for each in before}
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(children(first)) == 2 and before[0] not in children(first))
    assert before[1] in children(first)
    assert int(body_of(address)) in children(first)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_what_has_come_to_each_is_answered_before_the_end(several, by):
    first, address = several
    with ThreadPoolExecutor(12) as visitors:
        came = [visitors.submit(body_of, f"{address}?1") for _ in range(12)]
        wait_until(lambda: all(each.running() for each in came))
        wait_until(lambda: connected(address) >= 12)
        first.send_signal(by)
        answered = {each.result() for each in came}
        assert first.wait(timeout=20) == 0
    assert answered
    assert not listens(address.removeprefix("http://").rstrip("/"))


def connected(address):
    """Count the connections that are open to a port of this computer."""
    port = f":{int(address.rstrip('/').rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(port) and row[3] == "01" for row in rows)


def test_where_the_first_process_is_killed_the_others_end(several):
    first, _ = several
    others = children(first)
    first.kill()
    wait_until(lambda: not any(map(lives, others)))


def test_the_portal_is_served_by_two_processes(settings):  # noqa: F811
    with subprocess.Popen(
        [*MYKEY, "serve", "--workers", "2"], env=environment(settings), stderr=subprocess.PIPE, text=True
    ) as served:
        at = f"http://{settings['MYKEY_LISTEN']}"
        assert answer_of(f"{at}/healthz", served) == b"ok\n"
        assert len(children(served)) == 2
        assert answer_of(f"{at}/readyz", served) == b"ok\n"
        served.terminate()
        said = served.communicate(timeout=20)[1]
    assert (served.returncode, said.count("/staff/enrol#"), "Traceback" in said) == (0, 1, False)


def test_on_sqlite_it_says_why_not(settings, tmp_path):  # noqa: F811
    lite = settings | {"MYKEY_DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}"}
    said = CliRunner().invoke(main, ["serve", "--workers", "2"], env=lite)
    assert (said.exit_code, said.stdout) == (2, "")
    assert "SQLite has one writer at a time" in said.stderr
    assert "SQLiteでは" in said.stderr
