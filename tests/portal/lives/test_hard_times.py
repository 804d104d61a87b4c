"""When database, key or clock fail: nothing is lost, nothing is told, and the page says what to do."""

import logging

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from portal.domain.errors import NotConfiguredError, PortalError
from portal.extensions import db
from portal.models import CardSession
from portal.services.counter.visits import Visits
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.secrecy import read_or_make_key
from portal.transactions import acting


def row(app):
    """Return the newest card session as it stands."""
    with app.app_context():
        return db.session.scalars(select(CardSession).order_by(CardSession.expires_at.desc())).first()


def broken(app, table):
    with app.app_context():
        db.session.execute(text(f"ALTER TABLE {table} RENAME TO away"))
        db.session.commit()


@pytest.mark.parametrize("table", ["browser_session", "card_session"])
def test_a_page_whose_database_fails_is_a_page_all_the_same(citizen, app, table):
    citizen.start()
    token = citizen.page.csrf_token
    broken(app, table)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    form = {"csrf_token": token, "purpose": "sign-in"}
    response = citizen.client.post("/card-sessions", base_url=citizen.base, data=form)
    assert response.status_code in (500, 503)
    assert "<h1" in response.text
    assert response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_session_that_cannot_be_written_is_unavailable(app, monkeypatch):
    def fail(*_, **__):
        raise OperationalError("INSERT", {}, Exception("locked"))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("portal.web.browser_session.insert", fail)
    response = app.test_client().get("/register", base_url="https://id.example.jp")
    assert (response.status_code, "Retry-After" in response.headers) == (503, True)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("minutes", [0, 6], ids=["a session as it is", "a session to be prolonged"])
def test_a_connection_that_breaks_under_a_page_is_unavailable_and_the_next_page_is_there(
    app, clerk, clock, monkeypatch, minutes
):
    def waiting(service, *_):
        mine = service.database.scalar(text("SELECT pg_backend_pid()"))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
            other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        service.database.execute(text("SELECT 1"))

    clock.forward(minutes=minutes)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as patched:
        patched.setattr(Visits, "queue", waiting)
        assert clerk.client.get("/counter", base_url=clerk.base).status_code == 503
    assert clerk.client.get("/counter", base_url=clerk.base).status_code == 200


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_only_reads_is_unavailable_to_who_writes(app, citizen, postgresql):
    name = db_name(app)
    with postgresql.connect() as other:
        other.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        ended = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name")
        other.execute(ended, {"name": name})
    with app.app_context():
        db.engine.dispose()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    statuses = [citizen.client.get(page, base_url=citizen.base).status_code for page in ("/", "/readyz", "/register")]
    assert statuses == [200, 200, 503]


def db_name(app):
    with app.app_context():
        return db.engine.url.database


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("address", ["/readyz", "/healthz", "/", "/account", "/counter"])
def test_a_page_that_only_looks_never_waits_among_the_writers(clerk, statements, address):
    with statements() as said:
        clerk.client.get(address, base_url=clerk.base)
    assert "BEGIN IMMEDIATE" not in said


def test_while_no_authority_can_be_read_the_button_can_be_pressed_again(complete, citizen, instance):
    complete()
    trusted, away = instance / "trust" / "demo.pem", instance / "away"
    trusted.rename(away)
    assert citizen.post("/registration").status == 503
    away.rename(trusted)
    citizen.get("/registration?first=yes")
    assert citizen.post("/registration").status == 200
    assert citizen.address == "/registration"


def test_a_card_session_that_ended_before_its_sign_in_signs_nobody_in(citizen, bridge, app):
    bridge.claim(citizen.start("sign-in"))
    bridge.answer()
    services = app.extensions["mykey"]
    with app.app_context(), acting(db.session):
        [card_session] = db.session.scalars(select(CardSession))
        card_session.state, card_session.ending = "ended", "cancelled"
        card_session_id = card_session.card_session_id
    with app.app_context(), pytest.raises(PortalError, match="card-session-ended"):
        services.my_page.sign_in(card_session_id)
    assert row(app).ending == "cancelled"


def test_what_a_statement_carries_is_in_no_log(citizen, bridge, app, caplog):
    caplog.set_level(logging.DEBUG)
    page = citizen.start()
    with app.app_context():
        db.session.execute(text("ALTER TABLE card_session RENAME COLUMN nonce TO away"))
        db.session.commit()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    bridge.claim(page)
    assert "portal.web.errors" in caplog.text
    assert "[parameters:" not in caplog.text


def test_a_database_that_fails_after_verification_leaves_the_nonce_unspent(citizen, bridge, monkeypatch):
    bridge.claim(citizen.start())
    whole = CardSessionChanges.advance

    def fail_at_the_end(self, where, **values):
        if values.get("state") == "answered":
            raise OperationalError("UPDATE", {}, Exception("gone"))
        return whole(self, where, **values)

    monkeypatch.setattr(CardSessionChanges, "advance", fail_at_the_end)
    assert bridge.answer().status_code == 503
    monkeypatch.undo()
    assert bridge.answer().status_code == 200


def test_the_key_is_its_owners_alone_and_whole(tmp_path):
    key = read_or_make_key(tmp_path / "secret.key")
    assert (len(key), (tmp_path / "secret.key").stat().st_mode & 0o777) == (32, 0o600)
    assert read_or_make_key(tmp_path / "secret.key") == key
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    (tmp_path / "secret.key").write_bytes(b"")
    with pytest.raises(NotConfiguredError, match="no key of 32 bytes"):
        read_or_make_key(tmp_path / "secret.key")


def test_nonce_and_certificate_live_only_as_long_as_needed(citizen, bridge, app):
    bridge.claim(citizen.start())
    assert row(app).nonce == bridge.reply["nonce"]
    url = bridge.answer().json["completion_url"]
    assert (row(app).nonce, row(app).certificate is None) == (None, False)
    citizen.get("/completion")
    citizen.post("/completion", code=url.partition("#")[2])
    citizen.post("/registration")
    assert row(app).certificate is None
    bridge.claim(citizen.start())
    bridge.fail("cancelled")
    assert (row(app).ending, row(app).nonce) == ("cancelled", None)


def test_passing_problems_do_not_prolong_a_card_session(citizen, bridge, clock):
    bridge.claim(citizen.start())
    for _ in range(3):
        clock.forward(minutes=2)
        last = bridge.fail("no-card")
    assert last.json["code"] == "card-session-expired"


def test_a_sign_in_that_fails_at_its_end_ends(citizen, bridge, app):
    bridge.claim(citizen.start("sign-in"))
    url = bridge.answer().json["completion_url"]
    with app.app_context():
        db.session.execute(update(CardSession).values(certificate=b"no certificate"))
        db.session.commit()
    citizen.get("/completion")
    assert citizen.post("/completion", code=url.partition("#")[2]).status == 422
    assert (row(app).ending, row(app).problem, row(app).certificate) == ("failed", "certificate-malformed", None)
