"""The toy circulation desk of examples/: a tap, and the patron is at the desk, over real sockets."""

import socket
from base64 import b64decode
from contextlib import contextmanager
from threading import Thread
from time import sleep
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.exc import OperationalError

from examples.circulation_desk import Desk, serving
from portal.domain.providers import Handoff
from portal.extensions import db
from portal.models import IdUse, WebhookMessage
from portal.serving.worker import POLL, Worker
from tests.e2e.live import Live
from tests.portal.actors.card_holders import rows
from tests.portal.actors.customers import set_up, webhook_secret
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP, TARO, Town
from tests.portal.providers.reception.test_reception import Page
from tests.waiting import wait_until


class CountingDesk(Desk):
    """The example's desk, and how often it was spoken to."""

    heard = 0

    def take(self, headers, body):
        self.heard += 1
        super().take(headers, body)


@contextmanager
def at_the_desk(desk, port=0):
    with serving(desk, "127.0.0.1", port) as server:
        server.RequestHandlerClass.log_message = lambda *_: None
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def library(town):
    """Give a terminal of the library that hands over, and a card that is linked there."""
    card = town.card()
    town.register(card)
    town.link(card, LIBRARY, "000123")
    with town.app.app_context():
        yield Tapping(town, card)


class Tapping:
    def __init__(self, town, card):
        self.town, self.card, self.webhooks = town, card, town.services.webhooks
        self.page = Page(town, handoff=Handoff.WEBHOOK, stays_armed=True)
        self.page.ask("inquiry")
        set_up(town.app, handoff_key="key")

    def set_up(self, port):
        set_up(self.town.app, handoff_url=f"http://127.0.0.1:{port}/hook")

    def tap(self):
        self.page.tap(self.card)

    def desk(self, secret=None):
        secret = secret or webhook_secret(self.town.app)
        return CountingDesk(secret, lambda: self.town.clock().timestamp())

    def outcome(self):
        [message] = rows(self.town.app, WebhookMessage)
        return message.answer, message.tries, message.delivered_at is not None


@pytest.fixture
def delivery(library):
    running = Worker(library.town.app)
    running.start()
    yield running
    running.stop()


@pytest.mark.usefixtures("delivery")
def test_within_a_second_of_a_tap_the_patron_is_at_the_desk(library):
    desk = library.desk()
    with at_the_desk(desk) as port:
        library.set_up(port)
        library.tap()
        assert wait_until(lambda: desk.patron == "000123") < POLL / 2  # which it did not wait for
        with urlopen(f"http://127.0.0.1:{port}/") as page:
            assert page.read() == b"000123"
        wait_until(lambda: library.outcome() == ("204", 1, True))


@pytest.mark.usefixtures("delivery")
def test_a_desk_that_was_away_is_told_once_when_it_is_back(library, clock):
    desk = library.desk()
    with at_the_desk(desk) as port:
        pass
    library.set_up(port)
    library.tap()
    wait_until(lambda: library.outcome() == ("unreachable", 1, False))
    with at_the_desk(desk, port):
        clock.forward(seconds=4)
        sleep(1.2)  # longer than the worker waits between two polls
        assert desk.heard == 0
        clock.forward(seconds=1)
        wait_until(lambda: library.outcome() == ("204", 2, True))
        clock.forward(days=2)
        sleep(1.2)
    assert (desk.patron, desk.heard) == ("000123", 1)


@pytest.mark.usefixtures("delivery")
def test_a_signature_of_another_key_is_refused(library):
    desk = library.desk("whsec_AAAA")
    with at_the_desk(desk) as port:
        library.set_up(port)
        library.tap()
        wait_until(lambda: library.outcome() == ("400", 1, False))
    assert desk.patron is None


@pytest.mark.parametrize("length", [b"-1", b"x", b""])
def test_a_length_that_is_none_holds_up_no_desk(length):
    with at_the_desk(Desk("whsec_AAAA")) as port, socket.create_connection(("127.0.0.1", port), 5) as caller:
        caller.sendall(b"POST /hook HTTP/1.0\r\nContent-Length: " + length + b"\r\n\r\n")
        assert b" 400 " in caller.recv(100)


def test_a_desk_that_hangs_holds_up_no_other_provider(library, delivery):  # noqa: ARG001
    desk = library.desk()
    with socket.create_server(("127.0.0.1", 0)) as silent, at_the_desk(desk) as port:
        library.set_up(silent.getsockname()[1])
        for _ in range(6):
            library.tap()
        set_up(library.town.app, SHOP, handoff_url=f"http://127.0.0.1:{port}/hook", handoff_key="key")
        desk.key = b64decode(webhook_secret(library.town.app, SHOP).removeprefix("whsec_"))
        library.town.link(library.card, SHOP, "S-1")
        other = Page(library.town, SHOP, handoff=Handoff.WEBHOOK)
        other.ask("inquiry")
        other.tap(library.card)
        assert wait_until(lambda: desk.patron == "S-1") < POLL


def test_a_database_that_was_away_is_looked_at_again(library, delivery):
    desk, claim, fell = library.desk(), library.webhooks.claim, []

    def away(_busy):
        if not fell:
            fell.append(True)
            raise OperationalError("UPDATE", {}, Exception("gone"))
        return claim(_busy)

    with at_the_desk(desk) as port:
        library.set_up(port)
        delivery._webhooks = SimpleNamespace(claim=away, send=library.webhooks.send)
        library.tap()
        wait_until(lambda: desk.patron == "000123")
    assert fell


def test_a_use_out_of_time_goes_by_itself(library, delivery, clock):  # noqa: ARG001 - it runs
    library.tap()
    assert kept_uses() == 2  # the link and the look-up
    clock.forward(days=91)
    wait_until(lambda: kept_uses() == 0)


def kept_uses():
    count = db.session.query(IdUse).count()
    db.session.rollback()  # what reads here holds up who writes
    return count


def test_the_desk_takes_an_old_message_never_and_a_repeated_one_once(library, clock):
    desk = library.desk()
    library.set_up(1)
    library.tap()
    due = library.webhooks.claim()

    def say(port, body=due.body):
        try:
            with urlopen(Request(f"http://127.0.0.1:{port}/hook", body, due.headers)) as answer:
                return answer.status
        except HTTPError as error:
            return error.code

    with at_the_desk(desk) as port:
        assert say(port, due.body + b" ") == 400
        clock.forward(minutes=6)
        assert say(port) == 400
        clock.forward(minutes=-6)
        assert say(port) == 204
        desk.patron = None
        assert say(port) == 204
    assert desk.patron is None


def test_a_card_that_a_machine_of_the_desk_read_is_asked_for_by_the_api(app_with, authority, keys, clock):
    portal = Live(app_with)
    town = Town(portal.app, authority, keys, clock)
    card, unknown = town.card(HANAKO), town.card(TARO)
    town.register(card)
    town.link(card, LIBRARY, "000123")
    with town.app.app_context():
        _, codes = town.services.terminals.add(LIBRARY, "貸出機")
        _, token = town.services.enrolment.enrol_bridge(codes.bridge)
    desk = Desk("whsec_AAAA")
    assert desk.ask(portal.origin, token, card.public_bytes(Encoding.DER)) == desk.patron == "000123"
    with pytest.raises(HTTPError, match="404") as refused:
        desk.ask(portal.origin, token, unknown.public_bytes(Encoding.DER))
    refused.value.close()
    portal.stop()
