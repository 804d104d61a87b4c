"""A business system that `make test-systems` has put into build/, run on loopback for a test."""

import subprocess
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.waiting import wait_until

INSTALLED = Path("build/systems").resolve()
START = 60
"""Seconds: two cores, and a browser beside it."""


@contextmanager
def running(*command, url, data=None, **options):
    """Run a server until the test is over; it is there when it answers at its address, a POST where data is given."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options) as server:
        try:
            wait_until(lambda: _answers(server, url, data), START)
            yield
        finally:
            server.terminate()


def _answers(server, url, data):
    assert server.poll() is None, server.args
    try:
        urlopen(url, data, timeout=5).close()  # noqa: S310 - our own server
    except HTTPError as error:
        with error:
            return error.code != HTTPStatus.NOT_FOUND
    except OSError:
        return False
    return True
