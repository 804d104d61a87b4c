"""A process that looks up in many threads, killed or told to end under load: what was answered is there for good.

`make soak` kills it 500 times on each database, and so often starts it again (KILLS=… says otherwise).
"""

import os
import signal
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from threading import Event, Lock
from time import sleep

import pytest
from sqlalchemy import func, select

from portal import create_app
from portal.config import Settings
from portal.extensions import db
from portal.models import AuditEntry, IdUse
from portal.serving.server import make_server, run
from tests.portal.actors.tablet import sent
from tests.portal.actors.town import LIBRARY, Town
from tests.portal.lives.killed import processes

KILLS = int(os.environ.get("KILLS", "1"))
CLIENTS, ANSWERS, MOMENT = 8, 10, 0.02
"""How many call at once, after how many answers of one the process is ended, and within how many seconds."""


def serve(database, instance, now, said):
    """Serve until the end, as `mykey serve` does; say where."""
    settings = Settings(origin="https://id.example.jp", instance=Path(instance), database_url=database)
    app = create_app(settings, demo_reader="http://127.0.0.1:1/", clock=lambda: now)
    server = make_server(app, listen="127.0.0.1:0")
    said.send(server.effective_port)
    run(server)


@pytest.fixture
def serving(settings, clock, app):  # noqa: ARG001 - its database
    """Run a process that serves, and give it and its port."""

    @contextmanager
    def serving():
        ours, theirs = processes().Pipe(duplex=False)
        facts = (settings.database, str(settings.instance), clock.now, theirs)
        process = processes().Process(target=serve, args=facts)
        process.start()
        try:
            yield process, ours.recv()
        finally:
            process.kill()
            process.join()

    return serving


@pytest.fixture
def requests(app, authority, keys, clock):
    """Give one look-up of a card of each client, as it goes over the line, by the person whose card it is."""
    town = Town(app, authority, keys, clock)
    cards = [town.card(f"CARD{each:010}07202002B") for each in range(CLIENTS)]
    return {town.register(card, LIBRARY): request_of(town, card) for card in cards}


def request_of(town, card):
    """Return one look-up of a card as it goes over the line."""
    with town.app.app_context():
        _, codes = town.services.terminals.add(LIBRARY, "受付")
        token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
    body = f'{{"certificate":"{sent(card)}"}}'
    head = ("POST /api/v1/inquiries HTTP/1.1", "Host: id.example.jp", f"Authorization: Bearer {token}")
    more = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    return "\r\n".join((*head, *more, "", body)).encode()


def asked(port, request, ended, enough):
    """Ask until the process is ended; return how many were sent, and how many answers came whole. Tell of each."""
    said = count = 0
    with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        while not ended.is_set():
            said += 1
            connection.sendall(request)
            answer = b""
            while b"}" not in answer:
                if not (part := connection.recv(65536)):
                    return said, count
                answer += part
            assert b" 200 OK" in answer, answer
            count += 1
            enough(count)
    return said, count


def asked_until(process, port, number, requests, moment):
    """Let each client ask until the process is ended by a signal; return what was sent and answered by person."""
    ended, first = Event(), Lock()

    def enough(count):
        if count == ANSWERS and first.acquire(blocking=False):
            sleep(moment)
            os.kill(process.pid, number)
            ended.set()

    with ThreadPoolExecutor(CLIENTS) as threads:
        both = list(threads.map(lambda request: asked(port, request, ended, enough), requests.values()))
    process.join(20)
    said, answered = (Counter(dict(zip(requests, each, strict=True))) for each in zip(*both, strict=True))
    return said, answered


def written(app):
    """Return how many look-ups of each person are written."""
    with app.app_context():
        uses = select(IdUse.person_id, func.count()).where(IdUse.what == "looked-up").group_by(IdUse.person_id)
        return Counter(dict(db.session.execute(uses).all()))


def chained(app):
    """Return how many look-ups the chain has, and where it is broken."""
    with app.app_context():
        entries = select(func.count()).where(AuditEntry.event == "provider:service-link:looked-up")
        return db.session.scalar(entries), app.extensions["mykey"].audit.broken()[1]


def test_what_was_answered_before_a_kill_is_there_once_and_the_chain_stands(app, serving, requests):
    said, answered, random = Counter(), Counter(), Random(1)  # noqa: S311 - not a secret
    for kill in range(KILLS):
        with serving() as (process, port):
            more_said, more_answered = asked_until(process, port, signal.SIGKILL, requests, random.random() * MOMENT)
            assert process.exitcode == -signal.SIGKILL
        said, answered, done = said + more_said, answered + more_answered, written(app)
        assert (answered <= done, done <= said) == (True, True), f"lost, or done twice, with kill {kill + 1}"
    assert chained(app) == (written(app).total(), None)
    assert answered.total() >= ANSWERS * KILLS
    print(f"{KILLS} kills: {said.total()} sent, {answered.total()} answered, {done.total()} written")  # noqa: T201


def test_a_process_that_is_told_to_end_answers_all_that_it_did(app, serving, requests):
    with serving() as (process, port):
        _, answered = asked_until(process, port, signal.SIGTERM, requests, 0)
        assert process.exitcode == 0
    assert written(app) == answered
    assert chained(app) == (answered.total(), None)
