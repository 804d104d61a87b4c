"""A disk that is full under a running portal: writes are refused in words, nothing is lost, it goes on by itself."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

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

SCRIPT = """\
mount -t tmpfs -o size=8m none "$SMALL"
cd "$MYKEY_INSTANCE"
cp -a trust secret.key portal.sqlite3* "$SMALL"
export MYKEY_INSTANCE="$SMALL" TMPDIR="$SMALL"
exec "$@" 2> "$SMALL/log"
"""


class Visitor:
    """A browser, or a program, that keeps cookies and says which host it means."""

    def __init__(self, address):
        self.address, self.jar = address, {}

    def ask(self, path, body=None, language="ja", **headers):
        """Return status and text."""
        headers |= {"Host": "id.example.jp", "Accept-Language": language}
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())}
        asked = urllib.request.Request(self.address + path, body, headers)  # noqa: S310 - our own http address
        try:
            with urllib.request.build_opener(Straight).open(asked, timeout=30) as reply:
                status, told, text = reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as error:
            status, told, text = error.code, error.headers, error.read().decode()
        for cookie in told.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.jar[name] = value
        return status, text

    def start(self, language="ja"):
        """Begin a card session, which writes a session and a row."""
        _, page = self.ask("/register", language=language)
        token = re.search(r'name="csrf_token"[^>]* value="([^"]*)"', page)
        form = {"csrf_token": token[1] if token else "", "purpose": "register"}
        return self.ask("/card-sessions", urlencode(form).encode(), language)


class Straight(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


@pytest.fixture
def served(settings, tmp_path):  # noqa: F811
    """Serve on a small disk; yield a visitor, the disk, and an enrolment code."""
    mykey = lambda *words: CliRunner().invoke(main, words, env=settings, catch_exceptions=False)  # noqa: E731
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    codes = [json.loads(mykey("terminal", "add", "A-α1-0001", "受付", "--json").stdout)["bridge"] for _ in range(2)]
    (tmp_path / "small").mkdir()
    url = "sqlite:///" + str(tmp_path / "small" / "portal.sqlite3")
    inside = environment(settings) | {"SMALL": str(tmp_path / "small"), "MYKEY_DATABASE_URL": url}
    command = ["unshare", "--map-root-user", "--mount", "sh", "-ec", SCRIPT, "sh", *MYKEY, "serve"]
    with subprocess.Popen(command, env=inside, stdout=subprocess.DEVNULL) as portal:
        try:
            answer_of(f"http://{settings['MYKEY_LISTEN']}/healthz", portal)
            yield Visitor(f"http://{settings['MYKEY_LISTEN']}"), Path(f"/proc/{portal.pid}/root{tmp_path}/small"), codes
        finally:
            portal.terminate()


@contextmanager
def full(disk):
    """Fill a disk to its last byte for a while."""
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (2**16, 1):
            try:
                while filler.write(bytes(size)):
                    pass
            except OSError:
                pass
    try:
        yield
    finally:
        (disk / "filler").unlink()


def enrol(visitor, code, language="ja"):
    body = json.dumps({"enrolment_code": code}).encode()
    status, told = visitor.ask("/api/v1/terminals", body, language, **{"Content-Type": "application/json"})
    return status, json.loads(told)


def upload(visitor, size):
    """Send a file, of which a part lies on disk while it comes."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    return visitor.ask("/provider/imports", head + bytes(size) + b"\r\n--b--\r\n", **kind)


def test_each_kind_of_write_is_refused_in_words_and_goes_on_without_a_restart(served):
    visitor, disk, codes = served
    known, new, english = (Visitor(visitor.address) for _ in range(3))
    assert (known.start()[0], enrol(visitor, codes[0])[0], upload(visitor, 700_000)[0]) == (303, 201, 403)
    with full(disk):
        for size in (700_000, 3_000_000):  # of which more than memory takes is thrown away
            status, page = upload(visitor, size)
            assert (status, "いま受け付けることができません。" in page) == (503, True)
        wait_until(lambda: Visitor(visitor.address).ask("/register")[0] == 503)  # sessions; there was room for a few
        assert "The service is not available right now." in english.ask("/register", language="en")[1]
        status, told = enrol(visitor, codes[1], "en")  # an act with its audit entry, and the log of it
        assert (status, told["code"], told["title"]) == (503, "unavailable", "The service is not available right now.")
        assert [visitor.ask(path)[0] for path in ("/healthz", "/readyz", "/", "/audit")] == [200] * 4
    assert enrol(visitor, codes[0])[0] == 404  # was spent before
    assert enrol(visitor, codes[1])[0] == 201  # was not
    assert (new.start()[0], known.start()[0], upload(visitor, 700_000)[0]) == (303, 303, 403)
    assert not list(disk.glob("tmp*"))
