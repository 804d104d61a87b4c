"""An act on PostgreSQL is done again as a whole where all of it was undone, and never where it may have been done."""

import threading
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from portal import transactions
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.extensions import db
from portal.models import AuditEntry, Review
from portal.services.record.audit import Event
from portal.transactions import Service, act
from tests.conftest import NOW
from tests.waiting import wait_until


class Written(Service):
    """An act of several statements: a row, an entry of the audit, and what was there before."""

    audit: object

    @act
    def write(self, key="a"):
        self.database.scalar(select(Review.review_key))
        self.database.add(Review(review_key=key, code=Code.RENEWAL_ORDER, facts={}, opened_at=NOW))
        self.database.flush()
        self.audit.entry(Event.REGISTERED, about=key)


@pytest.fixture(params=["postgresql"])
def database(request, tmp_path):
    from tests.conftest import a_database  # noqa: PLC0415

    yield from a_database(request.param, request, tmp_path)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(transactions, "PAUSES", (0.0, 0.0))


@pytest.fixture
def written(app):
    services = app.extensions["mykey"]
    with app.app_context():
        yield Written(db.session, services.clock, services.registration.audit)


def count():
    db.session.rollback()
    return [len(db.session.scalars(select(table)).all()) for table in (Review, AuditEntry)]


def elsewhere(server, statement, **values):
    with server.connect() as other:
        return other.execute(text(statement), values).all()


@contextmanager
def cut(server, *, before):
    """End the server's process of this connection right before its n-th word, once; yield the words that were said."""
    said, engine = [], db.engine

    def word(connection, *_):
        said.append(1)
        if len(said) == before:
            [pid] = connection.connection.cursor().execute("SELECT pg_backend_pid()").fetchone()  # also behind a pooler
            elsewhere(server, "SELECT pg_terminate_backend(:pid, 5000)", pid=pid)

    listened = (engine, "before_cursor_execute"), (engine, "commit")
    for target, name in listened:
        event.listen(target, name, word)
    try:
        yield said
    finally:
        for target, name in listened:
            event.remove(target, name, word)


WORDS = 6
"""What the act says: its read, its row, three of the audit, COMMIT."""


@pytest.mark.parametrize("place", range(1, WORDS))
def test_a_connection_lost_before_commit_was_sent_begins_again_and_the_act_is_done_once(written, postgresql, place):
    with cut(postgresql, before=place) as said:
        written.write()
    assert (count(), len(said)) == ([1, 1], place + WORDS)


def test_a_connection_lost_as_commit_is_sent_is_not_done_again(written, postgresql):
    with cut(postgresql, before=WORDS) as said, pytest.raises(PortalError, match=Code.OUTCOME_UNKNOWN):
        written.write()
    assert (count(), len(said)) == ([0, 0], WORDS)


def test_a_connection_lost_after_commit_was_done_is_not_done_again(written, postgresql):
    """COMMIT waits for a standby that never comes; it is done on this host when its process is ended."""
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"

    def end_the_waiting():
        wait_until(lambda: elsewhere(postgresql, waiting))
        found = elsewhere(postgresql, waiting)
        elsewhere(postgresql, "SELECT pg_terminate_backend(:pid, 5000)", pid=found[0].pid)

    ending = threading.Thread(target=end_the_waiting)
    set_standbys(postgresql, "nobody")
    try:
        ending.start()
        with pytest.raises(PortalError, match=Code.OUTCOME_UNKNOWN):
            written.write()
    finally:
        set_standbys(postgresql, "")
        ending.join()
    assert count() == [1, 1]


def set_standbys(server, names):
    with server.connect() as other:
        other.execute(text(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'"))
        other.execute(text("SELECT pg_reload_conf()"))


def test_a_deadlock_and_a_serialisation_failure_begin_again(written, monkeypatch):
    tried = []

    class Undone(Exception):
        sqlstate = "40P01"

    def undone_once(self, *args, **kwargs):
        tried.append(1)
        if len(tried) < 3:
            Undone.sqlstate = ["40P01", "40001"][len(tried) - 1]
            raise OperationalError("UPDATE", {}, Undone())
        return entry(self, *args, **kwargs)

    entry = type(written.audit).entry
    monkeypatch.setattr(type(written.audit), "entry", undone_once)
    written.write()
    assert (count(), len(tried)) == ([1, 1], 3)


def test_real_deadlocks_leave_both_acts_done(app, written):
    """Two acts take two rows in opposite order; the one that is undone begins again when the other is through."""
    for key in "ab":
        written.write(key)
    met, through = threading.Barrier(2, timeout=20), threading.Event()
    done, tries = [], []

    class Crossing(Service):
        @act
        def cross(self, first, second):
            tries.append(first)
            if tries.count(first) > 1:
                assert through.wait(20)
            for key in (first, second):
                self.database.get(Review, key, with_for_update=True)
                if key == first and tries.count(first) == 1:
                    met.wait()
            done.append(first)

    def cross(*keys):
        with app.app_context():
            Crossing(db.session, written.clock).cross(*keys)
            through.set()

    threads = [threading.Thread(target=cross, args=keys) for keys in ("ab", "ba")]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(done) == ["a", "b"]
    assert len(tries) == 3


def test_what_is_never_mended_is_told_after_the_last_try(written, monkeypatch):
    """Nothing listens at the database's address any more."""
    tried = []
    monkeypatch.setattr(type(written.audit), "entry", lambda *_, **__: tried.append(1))
    db.engine.dispose()
    monkeypatch.setattr(db.engine.pool, "_creator", lambda *_: _refused())
    with pytest.raises(OperationalError):
        written.write()
    assert tried == []


def _refused():
    import psycopg  # noqa: PLC0415

    return psycopg.connect("host=127.0.0.1 port=1 connect_timeout=2")
