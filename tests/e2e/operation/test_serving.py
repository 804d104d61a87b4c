"""`mykey serve` takes its address before it changes anything, and ends in order, as process 1 of a container too."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from portal.cli import main
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.e2e.operation.test_production import (  # noqa: F401 (two of them are fixtures)
    MYKEY,
    answer_of,
    environment,
    genuine_looking,
    settings,
)
from tests.waiting import wait_until

SLOW = """
import sys, time
from portal.serving import server
from portal.gateways.listener import listening
server.SERVER["threads"] = 1
def app(environ, start):
    print("begun", flush=True)
    time.sleep(1)
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"x" * 3_000_000]
with listening(sys.argv[1]) as sockets:
    server.run(server.make_server(app, sockets=sockets))
"""


@pytest.fixture
def taken():
    """Give the address of another program."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield f"127.0.0.1:{other.getsockname()[1]}"


def kept(instance):
    """Return what is in an instance; a database that was opened has files beside it."""
    return {file: file.read_bytes() for file in Path(instance).rglob("*") if file.is_file()}


@pytest.mark.parametrize("set_up", [False, True], ids=["before the first start", "with a link that was handed out"])
@pytest.mark.parametrize("listen", [None, "203.0.113.9:8000", "127.0.0.1:99999", "a..b:8000"])
def test_where_nobody_can_listen_nothing_is_changed(settings, taken, listen, set_up):  # noqa: F811
    if set_up:
        assert CliRunner().invoke(main, ["setup"], env=settings).exit_code == 0
    before = kept(settings["MYKEY_INSTANCE"])
    said = CliRunner().invoke(main, ["serve", "--json"], env=settings | {"MYKEY_LISTEN": listen or taken})
    code = "setting-invalid" if "99999" in (listen or "") else "listen-refused"
    assert (said.exit_code, said.stdout, f'"code": "{code}"' in said.stderr) == (1, "", True)
    assert ("MYKEY_LISTEN: " in said.stderr, said.stderr.count("\n")) == (True, 1)
    assert kept(settings["MYKEY_INSTANCE"]) == before


def test_the_first_process_of_a_container_ends_when_it_is_told_to(settings):  # noqa: F811
    contained = ("unshare", "--map-root-user", "--pid", "--fork", "--kill-child")
    with subprocess.Popen([*contained, *MYKEY, "serve"], env=environment(settings), stderr=subprocess.DEVNULL) as outer:
        assert answer_of(f"http://{settings['MYKEY_LISTEN']}/healthz", outer) == b"ok\n"
        [portal] = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        told = time.monotonic()
        os.kill(int(portal), signal.SIGTERM)
        assert outer.wait(timeout=20) == 0
    assert time.monotonic() - told < 8


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_what_has_come_is_answered_whole_before_the_end(taken, by):
    address = taken.replace("127.0.0.1", "127.0.0.2")
    with (
        subprocess.Popen([sys.executable, "-c", SLOW, address], stdout=subprocess.PIPE) as server,
        ThreadPoolExecutor(3) as visitors,
    ):
        wait_until(lambda: listens(address))
        came = [visitors.submit(body_of, f"http://{address}/") for _ in range(3)]
        assert server.stdout.readline() == b"begun\n"
        time.sleep(0.3)  # the other two wait in line
        server.send_signal(by)
        assert [len(each.result()) for each in came] == [3_000_000] * 3
        assert server.wait(timeout=20) == 0
    assert not listens(address)


def body_of(address):
    with urlopen(address, timeout=20) as reply:  # noqa: S310 - our own http address
        return reply.read()


def listens(address):
    host, port = address.split(":")
    with socket.socket() as asked:
        return asked.connect_ex((host, int(port))) == 0


def test_it_logs_json_where_that_is_set(settings, tmp_path):  # noqa: F811
    with (tmp_path / "log").open("w+b") as log:
        asked = environment(settings | {"MYKEY_LOG": "json"})
        with subprocess.Popen([*MYKEY, "serve"], env=asked, stderr=log) as served:
            answer_of(f"http://{settings['MYKEY_LISTEN']}/healthz", served)
            served.terminate()
        log.seek(0)
        told = [json.loads(line) for line in log if line.startswith(b"{")]
    assert [each["route"] for each in told if each["logger"] == "portal.request"] == ["/healthz"], told
