"""`mykey doctor`: what fails, what warns, and that nothing secret is told."""

import os
import re
import socket
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest
from alembic import command
from cryptography import x509
from sqlalchemy import text
from waitress import wasyncore

from portal.domain.roles import Role
from portal.extensions import db
from portal.gateways.listener import listening
from portal.migrations import schema_version
from portal.models import AuditHead, WebhookMessage
from portal.services.operation import doctor as examination
from portal.serving.server import make_server
from tests.portal.actors.staff import signed_in_staff


@pytest.fixture
def instance(tmp_path, authority_of_today):
    """Trust an authority that production would."""
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "authca.pem").write_bytes(authority_of_today().pem())
    return tmp_path


@pytest.fixture
def running(app, clock):
    """Let a portal run today, with an operator."""
    clock.now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    signed_in_staff(app, roles=(Role.OPERATOR,))
    return app


@pytest.fixture
def examined(typed):
    """Run it; return the status it ended with and each check's status."""

    def run(**changes):
        done = typed("doctor", **changes)
        lines = [line.split(maxsplit=2) for line in done.out.splitlines()]
        assert (done.status, done.err) == (int(any(line[0] == "fail" for line in lines)), "")
        return {line[1].rstrip(":"): line[0] for line in lines}

    return run


def act(app, *statements):
    with app.app_context():
        for statement in statements:
            db.session.execute(text(statement))
        db.session.commit()


@pytest.mark.usefixtures("running")
def test_a_sound_portal_has_one_warning_about_revocation(examined, typed):
    assert examined()["contact"] == examined(operator="例示市")["contact"] == "warn"
    checks = examined(operator="例示市", operator_telephone="03-1234-5678")
    assert checks.pop("revocation") == "warn"
    assert set(checks.values()) == {"ok"}
    assert "電子証明書の有効性確認は行われていません。" in typed("doctor").out


@pytest.mark.usefixtures("running")
def test_json_tells_the_same_in_one_value(told):
    assert {"check": "origin", "status": "ok", "message": "https://id.example.jp"} in told("doctor")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_empty_folder_fails_without_being_changed(examined, tmp_path):
    (tmp_path / "empty").mkdir()
    elsewhere = {"instance": tmp_path / "empty", "database_url": f"sqlite:///{tmp_path}/empty/no.sqlite3"}
    checks = examined(**elsewhere)
    assert [checks[name] for name in ("start", "key", "trust", "database")] == ["fail"] * 4
    assert "audit" not in checks
    assert list((tmp_path / "empty").iterdir()) == []


def test_what_an_operator_must_mend_fails(running, examined, settings, database):
    key = settings.instance / "secret.key"
    assert examined(origin="http://id.example.jp")["origin"] == "fail"
    key.chmod(0o640)
    assert examined()["key"] == "fail"
    key.write_bytes(b"short")
    key.chmod(0o600)
    assert examined()["key"] == "fail"
    key.unlink()
    assert examined()["key"] == "fail"
    act(running, "DELETE FROM audit_entry")
    assert examined()["audit"] == "fail"
    command.downgrade(schema_version.alembic_config(database), "0003")
    assert examined()["database"] == "fail"


@pytest.mark.usefixtures("running")
def test_authorities_that_end_soon_warn_and_those_of_a_demo_fail(examined, instance, authority_of_today):
    (instance / "trust" / "authca.pem").write_bytes(authority_of_today(days=80).pem())
    assert examined()["trust"] == "warn"
    (instance / "trust" / "authca.pem").write_bytes(authority_of_today(days=-1).pem())
    assert examined()["trust"] == "fail"
    (instance / "trust" / "authca.pem").write_bytes(authority_of_today(organisation="JPKI-DEMO").pem())
    checks = examined()
    assert (checks["trust"], checks["start"]) == ("fail", "fail")


@pytest.mark.usefixtures("running")
def test_lists_of_revoked_certificates_must_be_current(examined, instance, authority_of_today):
    authority, now = authority_of_today(), datetime.now(UTC)
    (instance / "trust" / "authca.pem").write_bytes(authority.pem())
    (instance / "crl").mkdir()
    for days, status in ((5, "ok"), (0.5, "warn"), (-1, "fail")):
        crl = authority.crl(this_update=now - timedelta(days=9), next_update=now + timedelta(days=days))
        (instance / "crl" / "a.crl").write_bytes(crl)
        assert examined(revocation="crl")["revocation"] == status


@pytest.mark.usefixtures("running")
def test_a_list_that_is_passed_over_is_named_with_the_reason(typed, instance, authority_of_today):
    authority, now = authority_of_today(), datetime.now(UTC)
    (instance / "trust" / "authca.pem").write_bytes(authority.pem())
    (instance / "crl").mkdir()
    day = {"this_update": now - timedelta(days=1), "next_update": now + timedelta(days=9)}
    (instance / "crl" / "a.crl").write_bytes(authority.crl(**day))
    delta = authority.crl(**day, number=2, extensions=[(x509.DeltaCRLIndicator(1), False)])
    (instance / "crl" / "b.crl").write_bytes(delta)
    assert "warn revocation: b.crl is passed over: it is a delta" in " ".join(
        typed("doctor", revocation="crl").out.split()
    )
    (instance / "crl" / "a.crl").unlink()
    told = " ".join(typed("doctor", revocation="crl").out.split())
    assert "fail revocation: no current list by authca.pem" in told
    assert "b.crl is passed over: it is a delta" in told


def test_clock_webhooks_operators_and_space_warn(running, examined, clock, monkeypatch):
    act(running, "UPDATE staff SET suspended_at = added_at")
    with running.app_context():
        late = {"service_provider_id": "A-α1-0001", "body": "{}", "made_at": clock(), "tries": 1}
        db.session.add(WebhookMessage(message_id="1", due_at=clock() - timedelta(hours=1), **late))
        services = running.extensions["mykey"]
        clock.forward(hours=1)
        db.session.commit()
        services.providers.add("A-α1-0001", "B")
    monkeypatch.setattr(examination, "LITTLE", 10**18)
    checks = examined()
    assert [checks[name] for name in ("operators", "webhooks", "clock", "space")] == ["warn"] * 4
    monkeypatch.setattr(examination, "TOO_LITTLE", 10**18)
    assert examined()["space"] == "fail"


@pytest.mark.usefixtures("running")
def test_an_address_that_another_program_has_fails_and_the_portals_own_does_not(examined, app, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        stranger = Thread(target=lambda: other.accept()[0].close(), daemon=True)  # noqa: PLW0108 - it waits
        stranger.start()
        assert examined(listen=taken)["listen"] == "fail"
        stranger.join()
    assert examined(listen="203.0.113.9:8000")["listen"] == "fail"
    with listening("127.0.0.1:0") as sockets:
        server = make_server(app, sockets=sockets)
        thread = Thread(target=server.run)
        thread.start()
        ours = {"listen": f"127.0.0.1:{server.effective_port}", "origin": "https://localhost:1"}
        assert {name: examined(**ours)[name] for name in ("listen", "proxy")} == {"listen": "ok", "proxy": "warn"}
        for status, found in ((200, "ok"), (421, "fail"), (502, "warn")):
            monkeypatch.setattr(examination, "status_at", lambda _, told=status: told)
            assert examined(**ours)["proxy"] == found
        server.trigger.pull_trigger(partial(wasyncore.close_all, server.there))  # in the loop's own thread
        thread.join(20)
    server.task_dispatcher.shutdown()


@pytest.mark.usefixtures("running")
def test_a_folder_that_is_full_or_of_another_fails(examined, settings, monkeypatch):
    whole = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != settings.instance and whole(place, mode))
    assert examined()["folder"] == "fail"
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place).name != "secret.key" and whole(place, mode))
    assert examined()["key"] == "fail"
    monkeypatch.setattr(os, "access", whole)
    assert examined()["folder"] == "ok"
    room = SimpleNamespace(f_flag=0, f_bavail=9, f_frsize=4096, f_files=9, f_favail=9)
    monkeypatch.setattr(os, "statvfs", lambda _: room)
    assert (examined()["folder"], examined()["space"]) == ("fail", "fail")


def test_what_fails_is_said_in_japanese_too(typed, tmp_path):
    lines = typed("doctor", instance=tmp_path / "none", origin="http://id.example.jp").out.splitlines()
    bad = [line for line in lines if not line.startswith("ok")]
    assert len(bad) > 4
    assert all(re.search("[ぁ-ん]", line) for line in bad)


def test_a_database_that_does_not_answer_fails_and_its_password_stays_unsaid(examined, typed):
    url = "postgresql+psycopg://mykey:geheim@127.0.0.1:1/mykey"
    assert examined(database_url=url)["database"] == "fail"
    done = typed("doctor", database_url=url)
    assert "geheim" not in done.out + done.err


def test_no_key_and_no_digest_is_told(running, typed, settings):
    key = (settings.instance / "secret.key").read_bytes()
    with running.app_context():
        digest = db.session.get_one(AuditHead, db.session.query(AuditHead).one().head_id).digest
    for told in (typed("doctor"), typed("doctor", "--json")):
        assert key.hex() not in told.out
        assert digest.hex() not in told.out


@pytest.mark.usefixtures("running")
def test_nothing_that_waits_for_the_network_comes_before_the_clock(told):
    checks = [each["check"] for each in told("doctor")]
    assert checks.index("clock") < checks.index("listen") == len(checks) - 1
