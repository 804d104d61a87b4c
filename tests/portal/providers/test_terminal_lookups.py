"""Look-ups together: each is what it would be alone, and no answer leaves before it is there for good."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from portal.extensions import db
from portal.models import AuditEntry, Certificate, DailyFigure, IdUse, Person, Terminal
from portal.pki.path import key_digest
from portal.pki.verifier import Verifier
from portal.services.providers.terminal_lookups import Asked, Found
from portal.transactions import acting
from tests.conftest import NOW, a_database
from tests.portal.actors.tablet import sent
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP, TARO
from tests.portal.providers.test_terminal_api import calling


@pytest.fixture
def at_desk(town):
    """Let people of the town have links at the library, and a terminal there that was just used."""
    with town.app.app_context():
        _, codes = town.services.terminals.add(LIBRARY, "受付")
        token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
    cards = [town.card(name) for name in (HANAKO, TARO, "3333CCCC3333CC07202002B")]
    for number, card in enumerate(cards):
        town.register(card)
        town.link(card, LIBRARY, f"00000{number}")
    return cards, token


@pytest.fixture
def asked(town, at_desk):
    """Give what would be asked of each card."""
    cards, token = at_desk
    hashed = town.services.secrecy.hash("terminal-token", token)
    issuer = key_digest(town.authority.certificate)
    return [Asked(hashed, issuer, f"{card.serial_number:x}", key_digest(card), None) for card in cards]


@pytest.fixture
def call(town, at_desk):
    """Look a card up by a call of a terminal that has told, as a bridge does first of all, that it can."""
    ask = calling(town.app.test_client(), f"Bearer {at_desk[1]}")
    assert ask("presence").status_code == 204
    return lambda card: ask("inquiries", certificate=sent(card))


@pytest.fixture
def traced(monkeypatch):
    """Note each certificate that is verified."""
    ders, trace = [], Verifier.trace
    monkeypatch.setattr(Verifier, "trace", lambda self, der, now: ders.append(der) or trace(self, der, now))
    return ders


def written(app):
    """Return how many look-ups uses, figures and chain know of; the chain stands."""
    with app.app_context():
        figures = select(func.sum(DailyFigure.times)).where(DailyFigure.what == "looked-up")
        entries = select(func.count()).where(AuditEntry.event == "provider:service-link:looked-up")
        uses = select(func.count()).where(IdUse.what == "looked-up")
        assert app.extensions["mykey"].audit.broken()[1] is None
        return tuple(db.session.scalar(each) or 0 for each in (uses, figures, entries))


FOUND = [Found(LIBRARY, "000000"), Found(LIBRARY, "000001"), Found(LIBRARY, "000002")]


def test_a_card_is_verified_once_for_a_terminal_that_is_known_and_never_for_others(town, app, at_desk, call, traced):
    def asked(ask, card=at_desk[0][0]):
        traced.clear()
        return ask(card).status_code, len(traced)

    stranger = calling(app.test_client(), "Bearer wrong")
    assert asked(lambda card: stranger("inquiries", certificate=sent(card))) == (401, 0)
    assert [asked(call), asked(call, town.card("4444DDDD4444DD07202002B"))] == [(200, 1), (404, 1)]
    with app.app_context():
        revoke(town, None)
    broken = town.authority.certificate  # no card of anybody
    assert [asked(call, card) for card in (broken, at_desk[0][0], broken)] == [(401, 1), (401, 0), (401, 0)]


def test_no_card_is_verified_for_a_terminal_that_calls_too_often(app_with, at_desk, traced):
    ask = calling(app_with(terminal_calls=2).test_client(), f"Bearer {at_desk[1]}")
    told = [ask("inquiries", certificate=sent(at_desk[0][0])).status_code for _ in range(5)]
    assert (told, len(traced)) == ([200, 200, 429, 429, 429], 3)


@pytest.mark.parametrize("known", [True, False])
def test_refusals_keep_their_order(known, town, app, app_with, at_desk, instance):
    """Whose card it is comes before revocation, and that before the link."""
    (hanako, taro, linked), token = at_desk
    nobody, unlinked = town.card("4444DDDD4444DD07202002B"), town.card("5555EEEE5555EE07202002B")
    town.register(unlinked)
    with app.app_context():
        stop(town, taro)
    revoked = {hanako: "certificate-revoked", unlinked: "certificate-revoked"}
    revoked |= {taro: "mykey-id-stopped", nobody: "mykey-id-not-registered"}
    dates = {"this_update": NOW - timedelta(hours=1), "next_update": NOW + timedelta(hours=23)}
    (instance / "crl").mkdir()
    (instance / "crl" / "it.crl").write_bytes(
        town.authority.crl(*(card.serial_number for card in revoked), number=1, **dates)
    )
    app = app_with(revocation="crl")
    ask = calling(app.test_client(), f"Bearer {token}")
    for card, code in revoked.items():
        assert ask("inquiries", certificate=sent(linked)).json["service_id"] == "000002"
        if not known:
            app.extensions["mykey"].good_tokens.clear()
        assert ask("inquiries", certificate=sent(card)).json["code"] == code


def test_what_is_not_in_order_is_left_as_it_is_among_others(town, app, asked):
    good = asked[0]
    others = [
        good._replace(token_hash="x"),
        good._replace(serial_number="1"),
        good._replace(public_key_digest="aa"),
        asked[1]._replace(issuer_key_id="bb"),
    ]
    with app.app_context():
        answers = town.services.lookups.look_up_all([others[0], good, *others[1:]])
    assert answers == [None, FOUND[0], None, None, None]
    assert set(written(app)) == {1}


def stop(town, card):
    with acting(db.session):
        town.services.people.lock(town.held(card).person_id).stopped_at = NOW


def retire(town, card):  # noqa: ARG001
    serial_number = f"{card.serial_number:x}"
    with acting(db.session):
        db.session.execute(update(Certificate).where(Certificate.serial_number == serial_number).values(retired_at=NOW))


def suspend(town, card):  # noqa: ARG001
    town.services.providers.suspend(LIBRARY)


def revoke(town, card):  # noqa: ARG001
    [terminal] = town.services.terminals.of_provider(LIBRARY)
    town.services.terminals.revoke(terminal.terminal_id)


def end_id(town, card):
    with acting(db.session):
        town.services.people.current_id(town.held(card).person_id).retired_at = NOW


@pytest.mark.parametrize("change", [stop, retire, suspend, revoke, end_id])
def test_each_thing_that_is_in_the_way_is_seen(change, town, app, at_desk, asked):
    with app.app_context():
        change(town, at_desk[0][0])
        assert town.services.lookups.look_up_all(asked[:1]) == [None]
    assert set(written(app)) == {0}


def test_a_provider_is_told_its_own_ids_alone(town, app, at_desk, asked):
    with app.app_context():
        _, codes = town.services.terminals.add(SHOP, "受付")
        token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
        town.link(at_desk[0][1], SHOP, "S1")
        shops = asked[1]._replace(token_hash=town.services.secrecy.hash("terminal-token", token))
        look_up_all = town.services.lookups.look_up_all
        both = look_up_all([asked[0], shops, asked[1], shops._replace(serial_number=asked[0].serial_number)])
    assert both == [FOUND[0], Found(SHOP, "S1"), FOUND[1], None]


def test_a_terminal_that_calls_too_often_is_refused_among_others(app_with, asked):
    app = app_with(terminal_calls=2)
    with app.app_context():
        answers = app.extensions["mykey"].lookups.look_up_all(asked)
    assert answers == [*FOUND[:2], None]
    assert set(written(app)) == {2}


def test_when_a_terminal_was_last_used_is_written_where_it_is_due(town, app, asked, clock):
    seen = []
    for seconds in (23, 1, 1):
        clock.forward(seconds=seconds)
        with app.app_context():
            town.services.lookups.look_up_all([asked[0]._replace(bridge="1.2.3"), asked[1]._replace(bridge="1.2.3")])
            seen.append(db.session.execute(select(Terminal.last_used_at, Terminal.bridge)).one())
    due = (NOW + timedelta(seconds=24), "1.2.3")
    assert seen == [(NOW, None), due, due]


@pytest.mark.parametrize("moment", ["before_cursor_execute", "commit"])
@pytest.mark.parametrize("error", [OperationalError, InternalError, InterfaceError])
def test_an_error_of_the_driver_is_unavailable_and_nothing_is_done(moment, error, app, at_desk, call):
    def away(*_):
        raise error("SELECT", {}, Exception())

    event.listen(Engine, moment, away)
    try:
        reply = call(at_desk[0][0])
    finally:
        event.remove(Engine, moment, away)
    assert (reply.status_code, reply.json["code"]) == (503, "unavailable")
    assert reply.headers["Retry-After"]
    assert set(written(app)) == {0}
    assert call(at_desk[0][0]).status_code == 200


def test_a_process_that_was_forked_looks_up_by_itself(town, app, asked, call, at_desk):
    assert call(at_desk[0][0]).status_code == 200
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with app.app_context():
                status = int(town.services.lookups.look_up_all(asked) != FOUND)
            status |= call(at_desk[0][0]).status_code != 200
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert set(written(app)) == {5}


class TestPostgresql:
    """What rows are held for."""

    @pytest.fixture
    def database(self, request, tmp_path):
        yield from a_database("postgresql", request, tmp_path)

    def test_who_is_held_by_another_act_is_not_waited_for(self, town, app, at_desk, asked):
        with app.app_context(), db.engine.connect() as other:
            held = town.held(at_desk[0][1]).person_id
            db.session.rollback()
            other.execute(select(Person).where(Person.person_id == held).with_for_update())
            assert town.services.lookups.look_up_all(asked) == [FOUND[0], None, FOUND[2]]
            other.rollback()
            assert town.services.lookups.look_up_all(asked) == FOUND

    def test_a_person_is_held_before_the_rows_are_read(self, town, app, at_desk, asked):
        """Between the two statements the certificate goes over to somebody else."""
        with app.app_context():
            other = town.held(at_desk[0][1]).person_id
            db.session.rollback()

        def join(_connection, _cursor, statement, *_):
            if "service_link" in statement and not joined:
                joined.append(statement)
                with db.engine.begin() as connection:
                    mine = Certificate.serial_number == asked[0].serial_number
                    connection.execute(update(Certificate).where(mine).values(person_id=other))

        joined = []
        event.listen(Engine, "before_cursor_execute", join)
        try:
            with app.app_context():
                assert town.services.lookups.look_up_all([asked[0], asked[2]]) == [None, FOUND[2]]
        finally:
            event.remove(Engine, "before_cursor_execute", join)
        assert set(written(app)) == {1}
