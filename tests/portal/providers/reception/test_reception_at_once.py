"""Two requests for one reception state or terminal: the second comes between the first one's read and its act."""

from contextlib import contextmanager, suppress
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, event

from portal.domain.errors import PortalError
from portal.domain.providers import Step
from tests.portal.actors.town import LIBRARY, TARO
from tests.portal.providers.reception.test_reception import Page

WAITS = 1
"""Seconds that a hand is given; one that has to wait for the first acts after it."""


@contextmanager
def meanwhile(app, table, act):
    """Let another thread act as soon as this one has first looked at a table."""

    def other():
        with app.test_request_context(method="POST"):
            act()

    hand = Thread(target=other)

    def looked(_connection, _cursor, statement, *_):
        if hand.ident is None and statement.startswith("SELECT") and f"FROM {table}" in statement:
            hand.start()
            hand.join(WAITS)

    event.listen(Engine, "after_cursor_execute", looked)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", looked)
        hand.join()


@pytest.fixture
def page(town, card):  # noqa: ARG001 - somebody has it
    with town.app.test_request_context(method="POST"):
        yield Page(town)


def test_a_tap_while_the_page_forgets_leaves_nothing_on_it(town, page, card):
    page.ask(Step.CARD)
    with meanwhile(town.app, "desk", lambda: page.tap(card)):
        page.services.reception.clear(page.terminal)
    assert page.shown() in (None, (None, None, None, None))


def test_a_registration_pressed_twice_at_once_tells_that_it_was_made(town, page, card):
    page.ask(Step.CARD)
    page.tap(card)
    page.services.reception.type_service_id(page.terminal, "000123")
    with meanwhile(town.app, "desk", lambda: page.services.reception.register(page.terminal)):
        page.services.reception.register(page.terminal)
    assert page.shown() == ("1C2410DF79DGEL", "000123", None, "registered")


def test_a_refusal_that_comes_late_is_not_told_to_the_next_citizen(town, page, card):
    next_card = town.card(TARO)
    town.register(next_card)
    page.link(next_card, "000123")
    page.ask(Step.CARD)
    page.tap(card)
    page.services.reception.type_service_id(page.terminal, "000123")

    terminal_id, reception = page.terminal.terminal_id, page.services.reception
    der = next_card.public_bytes(Encoding.DER)

    def next_citizen():
        terminal = page.services.terminals.known(terminal_id)
        reception.clear(terminal)
        reception.ask(terminal, Step.CARD)
        reception.tap_certificate(terminal, der)

    with meanwhile(town.app, "desk", next_citizen):
        page.services.reception.register(page.terminal)
    assert page.shown() == (TARO[:14], None, None, None)


def test_a_terminal_that_enrols_while_it_is_revoked_is_refused(town):
    terminals, enrolment = town.services.terminals, town.services.enrolment
    with town.app.app_context():
        added, codes = terminals.add(LIBRARY, "受付")
    tokens = []

    def enrol():
        with suppress(PortalError):  # where it has to wait for the revocation
            tokens.append(enrolment.enrol_bridge(codes.bridge)[1])

    with town.app.app_context(), meanwhile(town.app, "terminal", enrol):
        terminals.revoke(added.terminal_id)
    for token in tokens:
        with town.app.app_context(), pytest.raises(PortalError, match="terminal-token-invalid"):
            enrolment.of_token(token)


def test_codes_that_are_made_while_a_terminal_is_revoked_enrol_nobody(town):
    terminals, enrolment = town.services.terminals, town.services.enrolment
    with town.app.app_context():
        added, _ = terminals.add(LIBRARY, "受付")

    def revoke():
        terminals.revoke(added.terminal_id)

    with town.app.app_context(), meanwhile(town.app, "terminal", revoke):
        codes = terminals.new_codes(added.terminal_id)
    for typed, enrol in zip(codes, (enrolment.enrol_bridge, enrolment.enrol_page), strict=True):
        with town.app.app_context(), pytest.raises(PortalError, match="enrolment-code-not-found"):
            enrol(typed)
