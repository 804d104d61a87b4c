"""Look-ups of several threads and processes: none is answered before its commit, and each has its own outcome."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from hashlib import sha256
from queue import SimpleQueue
from random import Random
from threading import Barrier, BrokenBarrierError, Semaphore
from threading import local as local_data
from time import sleep

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import StatementError

from portal import group_commit, transactions
from portal.extensions import db
from portal.models import AuditEntry, IdUse
from portal.services.providers.terminal_lookups import Found
from portal.transactions import Glances
from tests.conftest import a_database
from tests.portal.actors.town import LIBRARY, SHOP
from tests.portal.providers.test_terminal_lookups import FOUND, asked, at_desk, call, written  # noqa: F401 (three are fixtures)
from tests.waiting import wait_until


class Commits:
    """Holds each COMMIT, and tells of it, until it may go on."""

    def __init__(self):
        self.begun, self.allowed = SimpleQueue(), Semaphore(0)

    def __call__(self, _connection):
        self.begun.put("COMMIT")
        assert self.allowed.acquire(timeout=20)


@pytest.fixture
def commits():
    with ExitStack() as stack:
        held = Commits()
        event.listen(Engine, "commit", held)
        stack.callback(event.remove, Engine, "commit", held)
        stack.callback(held.allowed.release, 100)
        yield held


@pytest.fixture
def at_once(town, app, asked, commits):  # noqa: F811
    """Ask for the first card, whose COMMIT is held, and for others meanwhile; return their futures."""
    lookups = town.services.lookups

    def ask(work):
        with app.app_context():
            return lookups.lookups_at_once.ask(work, lookups.look_up_all)

    with ThreadPoolExecutor(10) as threads:

        def all_of(*others):
            futures = [threads.submit(ask, asked[0])]
            assert commits.begun.get(timeout=20)
            for number, work in enumerate(others, start=1):
                futures.append(threads.submit(ask, work))
                wait_until(lambda number=number: len(lookups.lookups_at_once._waiting) == number)
            return futures

        yield all_of
        commits.allowed.release(100)


def test_nobody_of_a_batch_is_answered_before_its_commit(app, asked, at_once, commits):  # noqa: F811
    def uses():
        with app.app_context(), Glances(db.session)() as connection:
            return connection.scalar(select(func.count()).where(IdUse.what == "looked-up"))

    first, *others = at_once(*asked[1:], asked[0])
    assert (first.done(), uses()) == (False, 0)
    commits.allowed.release()
    assert first.result(20) == FOUND[0]
    assert commits.begun.get(timeout=20)
    assert ([each.done() for each in others], uses()) == ([False] * 3, 1)
    commits.allowed.release()
    assert [each.result(20) for each in others] == [FOUND[1], FOUND[2], FOUND[0]]
    assert set(written(app)) == {4}


def test_one_bad_look_up_of_a_batch_fails_alone(app, asked, at_once, commits):  # noqa: F811
    bad = asked[1]._replace(serial_number="no number")
    futures = at_once(asked[1], bad, asked[2])
    commits.allowed.release(100)
    outcomes = [each.exception(20) or each.result() for each in futures]
    assert isinstance(outcomes.pop(2), StatementError)
    assert (outcomes, set(written(app))) == (FOUND, {3})


def test_a_503_means_not_done(app, at_desk, call, at_once, commits, monkeypatch):  # noqa: F811
    monkeypatch.setattr(group_commit, "PATIENCE", 0.05)
    [first] = at_once()
    late = call(at_desk[0][1])
    assert (late.status_code, late.json["code"]) == (503, "unavailable")
    commits.allowed.release(100)
    assert first.result(20) == FOUND[0]
    assert set(written(app)) == {1}
    assert call(at_desk[0][1]).json["service_id"] == "000001"


def test_the_bytes_of_the_chain_are_what_they_were(app_with, at_desk, asked):  # noqa: F811
    """Written here once more from what the uses say, with a salt that is known."""
    app, last, found = app_with(token_bytes=bytes), bytes(32), 0
    services, der = app.extensions["mykey"], at_desk[0][0].public_bytes(Encoding.DER)
    with app.app_context():
        for works in (asked, asked[:1]):
            services.lookups.look_up_all(works)
        services.links.look_up(LIBRARY, services.tapped_cards.verify(der))
        end, digests = f'"salt":"{"A" * 16}"}}', set()
        for use in db.session.scalars(select(IdUse).where(IdUse.what == "looked-up")):
            details = f'{{"use":"{use.use_id}","person":"{use.person_id}","provider":"{use.service_provider_id}",{end}'
            digests.add(sha256(details.encode()).digest())
        for number, entry in enumerate(db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)), start=1):
            head = f"{number}\n{entry.at.isoformat()}\n{entry.event}\n"
            last = sha256(last + head.encode() + entry.details_digest).digest()
            assert (entry.number, entry.digest) == (number, last)
            found += entry.details_digest in digests
    assert (len(digests), found) == (5, 5)


class TestPostgresql:
    """Two processes: each has a queue of its own."""

    @pytest.fixture
    def database(self, request, tmp_path):
        yield from a_database("postgresql", request, tmp_path)

    @pytest.fixture
    def of_shop(self, town, app, at_desk, asked):  # noqa: F811
        """Give the same cards asked for by a terminal of the shop, which has links of its own."""
        with app.app_context():
            _, codes = town.services.terminals.add(SHOP, "受付")
            token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
        for number, card in enumerate(at_desk[0]):
            town.link(card, SHOP, f"S{number}")
        hashed = town.services.secrecy.hash("terminal-token", token)
        return [each._replace(token_hash=hashed) for each in asked]

    @pytest.fixture
    def both(self, app, app_with, monkeypatch):
        """Look up in two processes at once, and do something before each statement; a deadlock is not done again."""
        monkeypatch.setattr(transactions, "PAUSES", ())

        def look_up(portal, works, times):
            with portal.app_context():
                return [portal.extensions["mykey"].lookups.look_up_all(works) for _ in range(times)]

        def both(first, second, times, before):
            event.listen(Engine, "before_cursor_execute", before)
            try:
                with ThreadPoolExecutor(2) as threads:
                    pairs = zip((app, app_with()), (first, second), strict=True)
                    futures = [threads.submit(look_up, portal, works, times) for portal, works in pairs]
                    return [each.result(60) for each in futures]
            finally:
                event.remove(Engine, "before_cursor_execute", before)

        return both

    def test_their_statements_are_mixed_at_random(self, app, asked, both):  # noqa: F811
        random = Random(1)  # noqa: S311 - not a secret
        found = both(asked, asked[::-1], 20, lambda *_: sleep(random.random() * 0.003))
        assert found == [[FOUND] * 20, [FOUND[::-1]] * 20]
        assert set(written(app)) == {120}

    def test_figures_of_several_providers_are_held_in_one_order(self, app, asked, of_shop, both):  # noqa: F811
        """Each waits with its second figure until the other has its first; that one waits for this one's first."""
        local, barrier = local_data(), Barrier(2)

        def wait(_connection, _cursor, statement, *_):
            local.seen = getattr(local, "seen", 0) + ("INTO daily_figure" in statement)
            if "INTO daily_figure" in statement and local.seen == 2:
                with suppress(BrokenBarrierError):
                    barrier.wait(0.5)

        shops = [Found(SHOP, f"S{number}") for number in range(3)]
        found = both([asked[0], of_shop[1]], [of_shop[2], asked[1]], 1, wait)
        assert found == [[[FOUND[0], shops[1]]], [[shops[2], FOUND[1]]]]
        assert set(written(app)) == {4}

    def test_times_do_not_run_backwards_along_the_chain(self, app, app_with, asked, of_shop, clock):  # noqa: F811
        """While one is about to take the head of the chain, the other writes all of its own, seconds later."""
        begun, threads, other = [], ThreadPoolExecutor(1), app_with()

        def look_up(portal, works):
            with portal.app_context():
                return portal.extensions["mykey"].lookups.look_up_all(works)

        def meanwhile(_connection, _cursor, statement, *_):
            clock.forward(seconds=1)
            if "FROM audit_head" in statement and not begun:
                begun.append(statement)
                assert threads.submit(look_up, other, of_shop[1:2]).result(20) == [Found(SHOP, "S1")]

        event.listen(Engine, "before_cursor_execute", meanwhile)
        try:
            with threads:
                assert look_up(app, asked[:1]) == FOUND[:1]
        finally:
            event.remove(Engine, "before_cursor_execute", meanwhile)
        with app.app_context():
            times = list(db.session.scalars(select(AuditEntry.at).order_by(AuditEntry.number)))
        assert (times, len(set(times[-2:]))) == (sorted(times), 2)
