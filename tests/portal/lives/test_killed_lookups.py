"""A process that looks up in many threads, killed or told to end under load: what was answered is there for good."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import func, select

from portal import create_app
from portal.config import Settings
from portal.extensions import db
from portal.models import AuditEntry, IdUse
from portal.server import make_server, run
from tests.portal.actors.tablet import sent
from tests.portal.actors.town import LIBRARY, Town
from tests.portal.lives.killed import processes

CLIENTS, ANSWERS = 6, 10
"""How many call at once, and after how many answers of one of them the process is ended."""


def serve(database, instance, now, said):
    """Serve until the end, as `mykey serve` does; say where."""
    settings = Settings(origin="https://id.example.jp", instance=Path(instance), database_url=database)
    app = create_app(settings, demo_reader="http://127.0.0.1:1/", clock=lambda: now)
    server = make_server(app, listen="127.0.0.1:0")
    said.send(server.effective_port)
    run(server)


@pytest.fixture
def served(settings, clock, app):  # noqa: ARG001 - its database
    """Give a process that serves, and its port."""
    ours, theirs = processes().Pipe(duplex=False)
    process = processes().Process(target=serve, args=(settings.database, str(settings.instance), clock.now, theirs))
    process.start()
    yield process, ours.recv()
    process.kill()
    process.join()


def request_of(town, card):
    """Return one look-up of a card as it goes over the line."""
    with town.app.app_context():
        _, codes = town.services.terminals.add(LIBRARY, "受付")
        token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
    body = f'{{"certificate":"{sent(card)}"}}'
    head = ("POST /api/v1/inquiries HTTP/1.1", "Host: id.example.jp", f"Authorization: Bearer {token}")
    more = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    return "\r\n".join((*head, *more, "", body)).encode()


def answered(port, request, ended, enough):
    """Ask until the process is ended; return how many answers came whole, and tell of each."""
    count = 0
    with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        while not ended.is_set():
            connection.sendall(request)
            answer = b""
            while b"}" not in answer:
                if not (part := connection.recv(65536)):
                    return count
                answer += part
            assert b" 200 OK" in answer, answer
            count += 1
            enough(count)
    return count


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_was_answered_is_there_and_the_chain_stands(number, app, authority, keys, clock, served):
    process, port = served
    town = Town(app, authority, keys, clock)
    cards = [town.card(f"CARD{each:010}07202002B") for each in range(CLIENTS)]
    for card in cards:
        town.register(card, LIBRARY)
    requests = [request_of(town, card) for card in cards]

    ended = Event()

    def enough(count):
        if count == ANSWERS and not ended.is_set():
            os.kill(process.pid, number)
            ended.set()

    with ThreadPoolExecutor(CLIENTS) as threads:
        acknowledged = sum(threads.map(lambda request: answered(port, request, ended, enough), requests))
    process.join(20)
    assert process.exitcode == (-number if number == signal.SIGKILL else 0)
    with app.app_context():
        uses = db.session.scalar(select(func.count()).where(IdUse.what == "looked-up"))
        chained = select(func.count()).where(AuditEntry.event == "provider:service-link:looked-up")
        assert (uses, app.extensions["mykey"].audit.broken()[1]) == (db.session.scalar(chained), None)
    assert acknowledged >= ANSWERS
    if number == signal.SIGTERM:
        assert uses == acknowledged
    else:
        assert acknowledged <= uses <= acknowledged + CLIENTS
