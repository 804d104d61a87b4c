import pytest

from reader_bridge.conversation.one_conversation import AlreadyOpen, ConversationOpen, lock_path, one_conversation


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "place" / "bridge.lock"


def test_the_same_link_again_is_already_open(lock):
    with one_conversation("handle-1", lock), pytest.raises(AlreadyOpen), one_conversation("handle-1", lock):
        pass


def test_another_conversation_waits_its_turn(lock):
    with one_conversation("handle-1", lock), pytest.raises(ConversationOpen) as raised, one_conversation("other", lock):
        pass
    assert raised.type is ConversationOpen


def test_when_it_has_ended_the_next_may_begin(lock):
    for name in ("a-long-handle", "b"):
        with one_conversation(name, lock):
            pass


def test_the_file_does_not_hold_the_handle_and_nobody_else_reads_it(lock):
    with one_conversation("handle-1", lock):
        assert "handle-1" not in lock.read_text()
        assert lock.stat().st_mode & 0o077 == 0


def test_it_lies_where_only_the_citizen_can_write(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert lock_path() == tmp_path / "mykey-bridge.lock"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("MYKEY_BRIDGE_SETTINGS", str(tmp_path / "mykey" / "bridge.toml"))
    assert lock_path() == tmp_path / "mykey" / "mykey-bridge.lock"
