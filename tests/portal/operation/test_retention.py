"""What is kept for a time alone: there to its last second, gone after it, and nothing else with it."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import inspect, select

from portal.extensions import db
from portal.models import (
    BrowserSession,
    CardSession,
    CorrespondenceLine,
    IdUse,
    LinkFile,
    PendingLink,
    ReceptionState,
    Visit,
    WebhookMessage,
)
from portal.transactions import acting
from tests.conftest import NOW

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
KEPT = [
    (CardSession, "expires_at", timedelta(minutes=5)),
    (BrowserSession, "expires_at", timedelta(0)),
    (Visit, "expires_at", timedelta(hours=4)),
    (PendingLink, "expires_at", timedelta(0)),
    (CorrespondenceLine, "expires_at", timedelta(0)),
    (IdUse, "used_at", 90 * DAY),
    (WebhookMessage, "made_at", 30 * DAY),
    (LinkFile, "loaded_at", DAY),
]
"""Each with the time from which it is kept, and how long."""


@pytest.fixture
def kept(app):
    """Keep a row of a table, whose other columns hold anything; returns what is left of the table."""

    def keep(table, **values):
        anything = {str: "a", bytes: b"a", int: 1, bool: False, object: {}, UUID: UUID(int=1)}
        columns = [each for each in inspect(table).columns if not each.nullable and each.name not in values]
        with app.app_context(), acting(db.session):
            db.session.add(table(**values | {each.name: anything.get(each.type.python_type, NOW) for each in columns}))

    return keep


@pytest.fixture
def left(app):
    """Let the minute come in which what is over goes; returns the rows that are left of a table."""

    def forget(table):
        with app.app_context():
            app.extensions["mykey"].retention.forget()
            return db.session.scalars(select(table)).all()

    return forget


@pytest.mark.parametrize(("table", "since", "age"), KEPT, ids=lambda each: getattr(each, "__tablename__", ""))
def test_a_row_is_there_to_its_last_second_and_gone_after_it(kept, left, clock, table, since, age):
    kept(table, **{since: NOW + SECOND})
    clock.forward(seconds=age.total_seconds())
    assert len(left(table)) == 1
    clock.forward(seconds=2)
    assert left(table) == []


def test_a_certificate_is_forgotten_with_the_last_second_of_its_card_session(kept, left, clock):
    kept(CardSession, expires_at=NOW + SECOND, certificate=b"a", nonce="a")
    assert left(CardSession)[0].certificate == b"a"
    clock.forward(seconds=1)
    (card_session,) = left(CardSession)
    assert (card_session.certificate, card_session.nonce) == (None, None)


@pytest.mark.parametrize(
    ("table", "since", "done"), [(Visit, "expires_at", "ended_at"), (LinkFile, "loaded_at", "imported_at")]
)
def test_what_was_carried_out_is_kept(kept, left, clock, table, since, done):
    kept(table, **{since: NOW, done: NOW})
    clock.forward(days=4000)
    assert len(left(table)) == 1


@pytest.mark.parametrize("read", [{"certificate": b"a"}, {"service_id": "a"}])
def test_what_a_terminal_read_is_emptied_and_the_page_goes_on(kept, left, clock, read):
    kept(ReceptionState, expires_at=NOW + SECOND, **read)
    assert [(row.certificate, row.service_id) for row in left(ReceptionState)] != [(None, None)]
    clock.forward(seconds=1)
    assert [(row.certificate, row.service_id) for row in left(ReceptionState)] == [(None, None)]
