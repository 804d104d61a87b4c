"""`mykey serve` refuses what is unsafe, with a sentence that says what to do, and serves when all is right."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from queue import Queue
from threading import Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal.cli import main
from portal.models import ServiceProvider, WebhookMessage
from tests.authority import Authority
from tests.conftest import VALID
from tests.ports import reserved_port
from tests.tls import make_authority

MYKEY = (sys.executable, "-W", "error", "-c", "from portal.cli import main; main(prog_name='mykey')")


@pytest.fixture
def settings(instance, database, genuine_looking):
    """Everything that production wants, in the environment."""
    (instance / "trust" / "demo.pem").unlink()
    (instance / "trust" / "authority.pem").write_bytes(genuine_looking.pem())
    return {
        "MYKEY_ORIGIN": "https://id.example.jp",
        "MYKEY_INSTANCE": str(instance),
        "MYKEY_DATABASE_URL": database,
        "MYKEY_REVOCATION": "none",
        "MYKEY_LISTEN": f"127.0.0.1:{reserved_port()}",
    }


@pytest.fixture(scope="session")
def genuine_looking():
    return Authority.create(organisation="JPKI", **VALID)


def environment(settings):
    rest = {name: value for name, value in os.environ.items() if not name.startswith("MYKEY_")}
    return rest | {name: value for name, value in settings.items() if value is not None}


def refusal(settings):
    """Type `mykey serve`, which ends, and return what it says."""
    done = CliRunner().invoke(main, ["serve"], env=settings)
    assert (type(done.exception), done.exit_code, done.stdout) == (SystemExit, 1, "")
    return done.stderr


def test_a_demo_authority(settings, instance, authority):
    (instance / "trust" / "demo.pem").write_bytes(authority.pem())
    said = refusal(settings)
    assert "demo.pem is a test or demo authority" in said
    assert "https://www.jpki.go.jp/ca/" in said


def test_no_authority(settings, instance):
    (instance / "trust" / "authority.pem").unlink()
    said = refusal(settings)
    assert "holds no authority" in said
    assert "https://www.jpki.go.jp/ca/" in said


@pytest.mark.parametrize("origin", ["http://id.example.jp", "https://ID.example.jp/"])
def test_an_origin_that_is_not_https_to_the_letter(settings, origin):
    said = refusal(settings | {"MYKEY_ORIGIN": origin})
    assert "Set it to the address that citizens open, as https://host" in said


def test_no_origin_at_all(settings):
    assert "MYKEY_ORIGIN" in refusal(settings | {"MYKEY_ORIGIN": None})


def test_an_unwritten_revocation_setting(settings):
    said = refusal(settings | {"MYKEY_REVOCATION": None})
    assert "write\nMYKEY_REVOCATION=none" in said


def test_a_database_that_was_not_upgraded(settings, tmp_path):
    said = refusal(settings | {"MYKEY_DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"})
    assert "Run `mykey db upgrade` first." in said


def test_a_process_that_refuses_a_database_that_does_not_answer_says_a_sentence_alone(settings):
    settings |= {"MYKEY_DATABASE_URL": "postgresql+psycopg://mykey:secret@127.0.0.1:1/mykey"}
    done = subprocess.run(
        [*MYKEY, "serve"], env=environment(settings), capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "MYKEY_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_it_serves_when_all_is_right_and_hands_over_what_is_due_where_a_certificate_verifies(settings, instance):
    upgrade(settings)
    authority, heard, said = make_authority(instance), Queue(), instance / "said.txt"
    trusting = environment(settings) | {"SSL_CERT_FILE": str(authority.trusted)}
    with socket.create_server(("127.0.0.1", 0)) as desk, said.open("wb") as stderr:
        write_a_message(settings, desk.getsockname()[1])
        Thread(target=take_one, args=(desk, authority, heard), daemon=True).start()
        with subprocess.Popen([*MYKEY, "serve"], env=trusting, stderr=stderr) as served:
            try:
                assert answer_of(f"http://{settings['MYKEY_LISTEN']}/healthz", served) == b"ok\n"
                assert b"\r\nwebhook-id: msg_1\r\n" in heard.get(timeout=20)
            finally:
                served.terminate()
    assert "電子証明書の有効性確認は行われていません。" in said.read_text()
    assert "/staff/enrol#" in said.read_text()


def upgrade(settings):
    """Make the database from nothing, and see that doing it again is safe."""
    settings |= {"MYKEY_DATABASE_URL": f"sqlite:///{settings['MYKEY_INSTANCE']}/new.sqlite3"}
    for _ in range(2):
        assert CliRunner().invoke(main, ["db", "upgrade"], env=settings, catch_exceptions=False).exit_code == 0


def write_a_message(settings, port):
    """Let a message to that port be due."""
    engine, now = create_engine(settings["MYKEY_DATABASE_URL"]), datetime.now(UTC)
    with Session(engine) as session:
        facts = {"handoff_url": f"https://localhost:{port}/hook", "handoff_key": "key"}
        session.add(ServiceProvider(service_provider_id="A", name="A", added_at=now, **facts))
        due = {"made_at": now, "due_at": now, "tries": 0}
        session.add(WebhookMessage(message_id="msg_1", service_provider_id="A", body="{}", **due))
        session.commit()
    engine.dispose()


def take_one(desk, authority, heard):
    plain, _ = desk.accept()
    with authority.listener.wrap_socket(plain, server_side=True) as sock:
        said = sock.recv(65536)
        sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        heard.put(said)


def answer_of(address, served):
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=5) as reply:  # noqa: S310 - our own http address
                return reply.read()
        except OSError:
            assert served.poll() is None
            time.sleep(0.1)
    raise TimeoutError(address)
