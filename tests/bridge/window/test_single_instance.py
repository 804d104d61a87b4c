"""A second start: the open window comes to the front, and takes nothing but a bare wish or a link."""

import os
import stat

import pytest
from PySide6.QtCore import QEvent, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalSocket

from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.window.single_instance import SingleInstance, bring_forward
from tests.bridge.window.gallery import HANDLE

LINK = LaunchLink.parse(f"mykey-bridge:read?origin=https%3A%2F%2Fid.example.jp&handle={HANDLE}")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "mykey-window.sock"


@pytest.fixture
def wishes():
    return []


@pytest.fixture
def first(qapp, place, wishes):  # noqa: ARG001 (Qt's loop)
    first = SingleInstance(place, wishes.append)
    yield first
    first.close()


def test_a_link_and_a_bare_wish_reach_the_window(first, place, wishes, qtbot):  # noqa: ARG001
    assert bring_forward(LINK, place)
    assert bring_forward(None, place)
    qtbot.waitUntil(lambda: wishes == [LINK, None])


def test_a_link_that_macos_hands_over_reaches_the_window_and_nothing_else_does(first, wishes, qapp):
    assert first.eventFilter(qapp, QFileOpenEvent(QUrl(LINK.written())))
    assert first.eventFilter(qapp, QFileOpenEvent(QUrl("mykey-bridge:read?x")))
    assert first.eventFilter(qapp, QFileOpenEvent("a-file"))
    assert not first.eventFilter(qapp, QEvent(QEvent.Type.User))
    assert wishes == [LINK]


def test_the_socket_is_its_users_alone(first, place):  # noqa: ARG001
    assert stat.S_IMODE(os.stat(place).st_mode) & 0o077 == 0  # noqa: PTH116


@pytest.mark.parametrize("said", [b"raise me\n", b"", b"\xff" * 300 + b"\n", b"x" * 2000, b"mykey-bridge:read?x\n"])
def test_anything_else_is_left_unheard(first, place, wishes, qtbot, said):  # noqa: ARG001
    socket = QLocalSocket()
    socket.connectToServer(str(place))
    assert socket.waitForConnected(1000)
    socket.write(said)
    socket.flush()
    qtbot.wait(50)
    socket.abort()
    assert bring_forward(None, place)
    qtbot.waitUntil(lambda: wishes == [None])


def test_where_no_window_is_open_nobody_is_brought_forward(qapp, place):  # noqa: ARG001
    assert not bring_forward(None, place)


def test_what_a_killed_window_left_is_in_nobodys_way(qapp, place, wishes, qtbot):  # noqa: ARG001
    killed = SingleInstance(place, wishes.append)
    killed._server.setSocketOptions(killed._server.SocketOption.NoOptions)
    os.link(place, place.with_suffix(".left"))
    killed.close()
    os.rename(place.with_suffix(".left"), place)  # noqa: PTH104
    first = SingleInstance(place, wishes.append)
    assert bring_forward(None, place)
    qtbot.waitUntil(lambda: wishes == [None])
    first.close()


def test_the_window_says_that_another_one_goes_on(shown, monkeypatch):
    window = shown("no-card", "en")
    monkeypatch.setattr(window.conversation, "goes_on", lambda: True)
    window.open(LINK)
    assert "Another conversation is open already." in window.page.note.text()
    window.page.tell("")
    window.open(LaunchLink(window.conversation.origin, HANDLE))
    assert window.page.note.text() == ""


def test_digits_that_are_still_to_be_typed_into_the_page_are_not_taken_away_by_another_link(shown):
    window = shown("completion-code", "en")
    page = window.page
    window.open(LINK)
    assert window.page is page
    assert "Another conversation is open already." in page.note.text()
