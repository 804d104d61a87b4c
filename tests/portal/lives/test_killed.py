"""The process killed between any two words to the database: the act is whole or not at all, and can be done again.

Each act is tried before every ninth word and around its COMMIT on each database; `make soak` tries all words on both.
"""

import os
import signal

import pytest
from sqlalchemy import delete, insert, select

from portal.extensions import db
from portal.models import Base
from tests.portal.lives.acts import CLERK, DONE, PROVIDERS
from tests.portal.lives.invariants import check, nameless
from tests.portal.lives.killed import ACTS, NOBODY, act, processes

X = "WISHED12345678"


@pytest.fixture
def citizen(acts, clock):
    """Somebody with a card, an ID and two links."""
    card = acts.card("1C2410DF79DGEL")
    assert acts.register(card) == DONE
    for provider in PROVIDERS:
        assert acts.link(card, provider, "000000001") == DONE
    clock.forward(days=1)
    return card


def prepare_register(acts, clock, citizen):  # noqa: ARG001 - as all of them
    return [str(acts.read(acts.card("NEWCARD2345678"), "register"))]


def prepare_reserve(acts, clock, citizen):  # noqa: ARG001
    """Replace a reservation, which is more than making one."""
    assert acts.reserve(citizen, "ANOTHER2345678") == DONE
    return [str(acts.read(citizen, "register")), X]


def prepare_complete(acts, clock, citizen):
    assert acts.reserve(citizen, X) == DONE
    clock.forward(days=1)
    with acts.app.app_context():
        number, serial_number = acts.visit(citizen, acts.card(X))
    return [number, str(CLERK), serial_number]


def prepare_renew(acts, clock, citizen):
    assert acts.make_code(citizen) == DONE
    code = acts.carry_over_code()
    clock.forward(days=1)
    return [str(acts.read(acts.card("NEWCARD2345678", not_after=citizen.not_after), "renew")), code]


def prepare_link(acts, clock, citizen):  # noqa: ARG001
    """Confirm what a terminal asked for in the place of a link that was taken off."""
    provider = PROVIDERS[0]
    assert acts.unlink(citizen, provider) == acts.ask(citizen, provider, "000000002") == DONE
    return [str(acts.read(citizen, "link", service_provider_id=provider, service_id="000000002"))]


def prepare_cancel(acts, clock, citizen):  # noqa: ARG001
    assert acts.reserve(citizen, X) == DONE
    return [str(acts.read(citizen, "cancel-registration"))]


def prepare_cancel_reservation(acts, clock, citizen):  # noqa: ARG001
    assert acts.reserve(citizen, X) == DONE
    return [str(acts.read(citizen, "cancel-reservation"))]


PREPARED = {
    "register": prepare_register,
    "reserve": prepare_reserve,
    "complete": prepare_complete,
    "renew": prepare_renew,
    "link": prepare_link,
    "cancel": prepare_cancel,
    "cancel-reservation": prepare_cancel_reservation,
}


@pytest.fixture
def run(settings, clock):
    """Do an act in a process of its own; return how it ended, and how many words it said or None."""
    context = processes()

    def run(name, arguments, killed_before=NOBODY):
        ours, theirs = context.Pipe(duplex=False)
        facts = (settings.database, str(settings.instance), clock.now, name, arguments, killed_before, theirs)
        process = context.Process(target=act, args=facts)
        process.start()
        theirs.close()
        process.join()
        words = ours.recv() if ours.poll() and not process.exitcode else None
        ours.close()
        return process.exitcode, words

    return run


def rows(app):
    with app.app_context():
        return {table: list(db.session.execute(select(table)).mappings()) for table in Base.metadata.sorted_tables}


def restore(app, kept):
    with app.app_context():
        for table, its_rows in kept.items():
            db.session.execute(delete(table))
            if its_rows:
                db.session.execute(insert(table), [dict(row) for row in its_rows])
        db.session.commit()


@pytest.mark.parametrize("name", PREPARED)
def test_whole_or_not_at_all(app, acts, clock, citizen, run, name):
    arguments = PREPARED[name](acts, clock, citizen)
    kept, before = rows(app), check(app)
    exitcode, count = run(name, arguments)
    after = nameless(check(app))
    assert exitcode == 0
    assert after != nameless(before)
    for place in places(count):
        restore(app, kept)
        assert run(name, arguments, place) == (-signal.SIGKILL, None)
        committed = place == count - 1
        assert nameless(check(app)) == (after if committed else nameless(before)), f"before word {place} of {count}"
        if name != "complete" or not committed:  # the counter asks the visit, not the act, whether it is done
            assert acts.outcome(ACTS[name], acts.services, *arguments) == DONE
            assert nameless(check(app)) == after


def places(count):
    """Return the words before which to kill; the last two are COMMIT, and the end."""
    return range(count) if "SOAK" in os.environ else sorted({*range(0, count, 9), count - 2, count - 1})
