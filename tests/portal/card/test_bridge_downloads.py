"""Installers over HTTP: known names alone, whole, sent again only when they changed; nobody waits for the slow."""

import socket
import threading
from functools import partial
from hashlib import sha256

import pytest
import waitress
from waitress import wasyncore

from portal.downloads import Downloads
from portal.serving.server import SERVER
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.installers import NAMES, installer
from tests.portal.actors.pages import Citizen
from tests.waiting import wait_until

DEB = "mykey-bridge_1.2.0_amd64.deb"
OURS = {"base_url": "https://id.example.jp"}


@pytest.fixture
def publish(settings, tmp_path):
    def run(name=NAMES[4], version="1.2.0", filling=b""):
        Downloads(settings.downloads).publish([file := installer(tmp_path, name, version, filling)])
        return file.read_bytes()

    return run


@pytest.fixture
def ask(app):
    """Ask for a path as a browser without a session; the response is read and closed."""
    return lambda path, **headers: app.test_client().get(path, buffered=True, headers=headers, **OURS)


def test_a_file_arrives_whole_as_a_file_and_asks_for_no_session(ask, publish):
    content = publish(filling=bytes(300_000))
    response = ask(f"/bridge/{DEB}")
    assert (response.status_code, response.data, response.content_length) == (200, content, len(content))
    assert response.headers["Content-Disposition"] == f"attachment; filename={DEB}"
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.get_etag() == (sha256(content).hexdigest(), False)
    assert "Set-Cookie" not in response.headers


def test_it_is_sent_again_only_when_it_has_changed(app, ask, publish):
    publish()
    first = ask(f"/bridge/{DEB}")
    again = ask(f"/bridge/{DEB}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    head = app.test_client().head(f"/bridge/{DEB}", buffered=True, **OURS)
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(first.data))
    content = publish(filling=b"built anew")
    assert ask(f"/bridge/{DEB}", **{"If-None-Match": first.headers["ETag"]}).data == content


def test_a_range_is_answered_with_the_whole(ask, publish):
    content = publish()
    for asked in ("bytes=0-3", "bytes=5-", "bytes=-1", "bytes=9999-", "bytes=0-0,2-3"):
        response = ask(f"/bridge/{DEB}", Range=asked)
        assert (response.status_code, response.data, response.headers["Accept-Ranges"]) == (200, content, "none")


def test_no_other_path_leads_to_a_file(ask, publish, settings, tmp_path):
    publish()
    (settings.downloads / "notes.txt").write_text("x")
    (settings.downloads / f"{NAMES[5].format('1.2.0')}.{'0' * 64}").symlink_to(tmp_path / "secret.key")
    (settings.downloads / f"{NAMES[6].format('1.2.0')}.{'0' * 64}").mkdir()
    [kept] = [each.name for each in settings.downloads.iterdir() if each.name.startswith(DEB)]
    for name in (
        *(
            kept,
            "notes.txt",
            "secret.key",
            "..",
            ".",
            "%2e%2e",
            "..%2fsecret.key",
            "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "x" * 9000,
        ),
        *(f"..%5c{DEB}", f".%2f{DEB}", f"%00{DEB}", f"{DEB}%00", f"{DEB}%0a", f"{DEB}/", DEB.upper(), f"{DEB}.", "%ff"),
        *(NAMES[5].format("1.2.0"), NAMES[6].format("1.2.0"), DEB.replace("1.2.0", "1.2.1")),
    ):
        response = ask(f"/bridge/{name}")
        assert (response.status_code, b"archive" in response.data) in {(404, False), (307, False), (200, False)}, name
        assert response.content_type.startswith("text/html"), name
        assert response.status_code != 404 or response.headers["Cache-Control"] == "no-store", name


def test_one_that_is_being_fetched_stays_whole_while_another_takes_its_place(app, publish):
    content = publish(filling=bytes(3_000_000))
    response = app.test_client().get(f"/bridge/{DEB}", **OURS)
    parts = response.iter_encoded()
    begun = next(parts)
    publish(filling=b"built anew")
    assert response.content_length == len(content)
    assert begun + b"".join(parts) == content
    response.close()


def test_the_page_shows_what_is_on_offer_and_no_link_to_what_is_not(ask, app, publish, settings):
    commands = "/usr/bin/python3 -m venv --system-site-packages"
    page = Citizen(app).get("/bridge")
    assert (commands in page.words, "/bridge/mykey" in page.response.text) == (True, False)
    assert "電子署名がありません" not in page.words
    for name in NAMES:
        publish(name, filling=name.encode())
    page = Citizen(app).get("/bridge")
    assert commands not in page.words
    links = [link["href"] for link in page.all("a") if link.get("href", "").startswith("/bridge/")]
    assert len(links) == len(NAMES)
    for each in Downloads(settings.downloads).all():
        assert f"/bridge/{each.file}" in links
        assert sha256(ask(f"/bridge/{each.file}").data).hexdigest() == each.sha256
        assert each.sha256 in page.words


@pytest.mark.parametrize(
    ("user_agent", "first"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", "Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15", "Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101", "Linux"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36", None),
        ("<script>", None),
        ("", None),
    ],
)
def test_the_visitors_system_comes_first_and_open_and_all_others_are_there(app, user_agent, first):
    page = Citizen(app).get("/bridge", **{"User-Agent": user_agent})
    folds = page.all("details")
    assert len(folds) == 3
    assert ["open" in fold for fold in folds] == [first is not None, False, False]
    assert first is None or page.words.index(f"{first}（このパソコン）") < page.words.index("つながるか試す")


@pytest.fixture
def served(app):
    """Serve the portal as `mykey serve` does; return how to send a request and to see its first bytes."""
    server = waitress.create_server(app, listen="127.0.0.1:0", **SERVER)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    opened = []

    def send(path):
        opened.append(socket.create_connection(("127.0.0.1", server.effective_port), timeout=20))
        opened[-1].sendall(f"GET {path} HTTP/1.1\r\nHost: id.example.jp\r\nConnection: close\r\n\r\n".encode())
        return opened[-1]

    yield send
    for each in opened:
        each.close()
    wait_until(lambda: not server.active_channels)  # each has closed its file
    server.trigger.pull_trigger(partial(wasyncore.close_all, server._map))  # in the loop's own thread
    thread.join(20)
    server.task_dispatcher.shutdown()
    assert not thread.is_alive()


def test_downloads_that_are_not_taken_keep_nobody_out(served, publish):
    """As many as there are threads, and one more; each has a large file on its way and reads nothing of it."""
    publish(filling=bytes(30_000_000))
    slow = [served(f"/bridge/{DEB}") for _ in range(SERVER["threads"] + 1)]
    assert [each.recv(12) for each in slow] == [b"HTTP/1.1 200"] * len(slow)
    assert served("/bridge").recv(12) == b"HTTP/1.1 200"
