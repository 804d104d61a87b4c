from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from portal.domain.roles import Role
from tests.conftest import VALID
from tests.portal.actors.at_counter import Town as CounterTown
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import added_staff, signed_in_staff
from tests.portal.actors.town import Town


@pytest.fixture
def citizen(app):
    return Citizen(app)


@pytest.fixture(scope="session")
def card(authority, keys):
    """An ordinary card: its certificate and key."""
    return authority.issue(public_key=keys[0].public_key(), **VALID), keys[0]


@pytest.fixture
def bridge(app, card):
    return Bridge(app, *card)


@pytest.fixture
def complete(citizen, bridge):
    """Read the card by the launch link, up to the page after completion."""

    def by_link(purpose="register", who=citizen, with_bridge=bridge):
        with_bridge.claim(who.start(purpose))
        url = with_bridge.answer().json["completion_url"]
        who.get("/completion")
        return who.post("/completion", code=url.partition("#")[2])

    return by_link


@pytest.fixture
def hanako(app):
    """Give a clerk at a browser, with a one-time link."""
    return added_staff(app)


@pytest.fixture
def clerk(app):
    """Give a clerk who is signed in."""
    return signed_in_staff(app)


@pytest.fixture
def operator(app, town):  # noqa: ARG001 - the providers
    """Give an operator who is signed in, in a town with a library and a shop."""
    return signed_in_staff(app, "運営 一郎", (Role.OPERATOR,))


@pytest.fixture
def counter_town(app, authority, keys, clock):
    """Give what a clerk meets: citizens with cards, and a desk."""
    return CounterTown(app, authority, keys, clock)


@pytest.fixture
def town(app, authority, keys, clock):
    return Town(app, authority, keys, clock)


@pytest.fixture
def statements():
    """Record the SQL statements of every engine while a block runs."""

    @contextmanager
    def recorded():
        seen = []

        def note(_connection, _cursor, statement, *_):
            seen.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return recorded
