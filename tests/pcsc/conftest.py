import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import Authority
from tests.bridge.card.conftest import VALID, issued  # noqa: F401 - the same cards
from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.pcsc.desk.conversations import HOLDER, PATIENT
from tests.pcsc.desk.daemon import HERE, Daemon
from tests.pcsc.desk.scene import Scene, SlowPortal


class Bridge:
    """Our bridge in a process of its own; each call is a step of tests/pcsc/desk/client.py."""

    def __init__(self, environment):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.pcsc.desk.client"],
            cwd=HERE.parents[2],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *step):
        """Take one step and return its answer, or the code of what went wrong."""
        self._process.stdin.write(" ".join(step) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        return reply.get("answer", reply.get("problem"))

    def begin(self):
        """Come as far as the selected application."""
        for step in ("list", "connect", "select"):
            answer = self(step)
        return answer

    def close(self):
        self._process.communicate()


@pytest.fixture(scope="session")
def daemon():
    with Daemon() as daemon:
        yield daemon


@pytest.fixture
def pcsc(daemon):
    """Return the daemon with an empty reader: `.environment`, `.insert(card)`, `.remove()`, `.trace()`, `.run(…)`."""
    yield daemon
    daemon.remove()


@pytest.fixture
def start_bridge():
    started = []

    def start(environment):
        started.append(Bridge(environment))
        return started[-1]

    yield start
    for bridge in started:
        bridge.close()


@pytest.fixture
def bridge(pcsc, start_bridge):
    return start_bridge(pcsc.environment)


@pytest.fixture
def portal():
    portal = SlowPortal()
    yield portal
    portal.close()


@pytest.fixture
def environment(pcsc, tmp_path):
    places = {"MYKEY_BRIDGE_SETTINGS": str(tmp_path / "bridge.toml"), "XDG_RUNTIME_DIR": str(tmp_path)}
    return pcsc.environment | places | {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def shim(environment, tmp_path):
    """Have PC/SC answer what no virtual reader can be brought to; see desk/shim/sitecustomize.py."""

    def overrule(**says):
        environment["SHIM"] = json.dumps({"marker": str(tmp_path / "marker")} | says)
        environment["PYTHONPATH"] = str(HERE / "shim")

    return overrule


@pytest.fixture
def hold(environment):
    """Have another program rest in a transaction on the card; return what lets it go."""
    started = []

    def begin(reader="Virtual PCD 00 00"):
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        other = subprocess.Popen([sys.executable, "-c", HOLDER, reader], **streams, env=environment)
        started.append(other)
        assert other.stdout.readline() == b"held\n"
        return other.communicate

    yield begin
    for other in started:
        other.kill()
        other.communicate()


@pytest.fixture
def pair_with(environment, portal):
    """Begin a conversation at a daemon's reader, as a citizen who has met the portal before."""
    command = (*PATIENT, "--allow-http", portal.origin, "pair", "--portal", portal.origin, "K7QF-4PXW")
    Path(environment["MYKEY_BRIDGE_SETTINGS"]).write_text(f'known_origins = ["{portal.origin}"]')
    started = []

    def begin(daemon, *under):
        started.append(Terminal(*under, *command, environment=environment | daemon.environment))
        return started[-1]

    yield begin
    for terminal in started:
        terminal.kill()


@pytest.fixture
def pair(pair_with, pcsc):
    return lambda *under: pair_with(pcsc, *under)


@pytest.fixture(scope="session")
def theirs():
    """Issue what another person's card holds."""
    authority, key = Authority.create(**VALID), rsa.generate_private_key(65537, 2048)
    certificate = authority.issue("9Z2410DF79DGEL07202002B", public_key=key.public_key()).public_bytes(Encoding.DER)
    return {"certificate": certificate, "key": key}


@pytest.fixture
def scene(pcsc, portal, pair, issued, theirs):  # noqa: F811 - a fixture
    scene = Scene(pcsc, portal, pair, issued.card(), issued.card(**theirs))
    yield scene
    scene.close()
    pcsc.restart()
