import json
import os
import subprocess
import sys

import pytest

from tests.bridge.card.conftest import issued  # noqa: F401 - the same cards
from tests.pcsc.daemon import HERE, Daemon


class Bridge:
    """Our bridge in a process of its own; each call is a step of tests/pcsc/client.py."""

    def __init__(self, environment):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.pcsc.client"],
            cwd=HERE.parents[1],
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
