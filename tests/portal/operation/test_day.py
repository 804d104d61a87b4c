"""The day at a glance: figures and what needs the operator, at a cost that does not grow with the people."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, insert, text

from portal.domain.codes import Code
from portal.domain.figures import DAYS
from portal.extensions import db
from portal.models import Certificate, DailyFigure, WebhookMessage
from portal.services.operation.day import WEEKS, Day
from tests.conftest import NOW
from tests.portal.actors.customers import provider_staff
from tests.portal.actors.staff import code_of
from tests.portal.actors.tablet import Tablet
from tests.portal.actors.town import CHOSEN, LIBRARY, SHOP, TARO
from tests.portal.costs.test_costs import cost  # noqa: F401 (a fixture)

MOST = 14
"""Statements of a page, those of the session among them."""


INDEXES = ("ix_certificate_current_not_after", "ix_handoff_message_waiting", "ix_daily_figure_day")


def looked(app):
    """Look as the operator's page does, after the worker has written what was refused."""
    services = app.extensions["mykey"]
    with app.app_context():
        services.day.write_refusals()
        return services.day.glance()


def checks(app):
    """Return what needs the operator, but for disk and clock of the computer that the tests run on."""
    return {need.check for need in looked(app).needs} - {"space", "clock"}


def write(app, table, written):
    with app.app_context():
        db.session.execute(insert(table), written)
        db.session.commit()


def message_of(number, **changes):
    facts = {"message_id": f"msg_{number}", "service_provider_id": LIBRARY, "body": "{}", "tries": 1}
    return facts | {"made_at": NOW, "due_at": NOW, "delivered_at": None} | changes


def test_what_was_done_is_counted_by_the_day(app, town, clock):
    card = town.card()
    town.register(card, LIBRARY)
    town.do("provisional_registration", "reserve", card, "register", CHOSEN)
    clock.forward(days=1)
    for _ in range(2):
        town.look_up(card)
    figures = looked(app).figures
    names = ("registered", "reserved", "linked", "looked-up", "refused")
    assert {name: figures.of(name)[-2:] for name in names} == {
        "registered": [1, 0],
        "reserved": [1, 0],
        "linked": [1, 0],
        "looked-up": [0, 2],
        "refused": [0, 0],
    }
    clock.forward(days=DAYS)
    assert sum(looked(app).figures.of("looked-up")) == 0


def test_the_first_page_of_an_operator_has_each_figure_and_its_table(town, operator):
    town.register(town.card(), LIBRARY)
    operator.sign_in()
    assert operator.address == "/operator/day"
    page = operator.get("/operator/day")
    for row in (("本登録の件数", "1"), ("仮登録の件数", "0"), ("連携", "1")):
        assert "{} きょう {}件".format(*row) in " ".join(page.words.split())
    pictures = [svg for svg in page.all("svg") if svg.get("role") == "img"]
    named = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert len(pictures) == 7
    assert all(svg["aria-labelledby"] in named for svg in pictures)
    assert page.response.text.count("<details>") == 4


def test_a_refusal_is_counted_where_it_happened_and_seen_there_alone(app, town, operator):
    tablet, stranger = Tablet(town), town.card(TARO)
    tablet.look_up(stranger)
    town.register(stranger)
    tablet.look_up(stranger)
    assert [(code, times) for code, times in looked(app).figures.refused] == [
        ("mykey-id-not-registered", 1),
        ("service-id-not-registered", 1),
    ]
    librarian, shop = (provider_staff(app, provider, name) for provider, name in ((LIBRARY, "太郎"), (SHOP, "次郎")))
    assert "service-id-not-registered" in operator.get("/operator/day").words
    assert "service-id-not-registered" in librarian.get("/provider/figures").words
    page = shop.get("/provider/figures")
    assert ("service-id-not-registered" in page.words, "受付" in page.words) == (False, False)


def test_what_refuses_nobody_is_not_counted(app, operator):
    operator.get("/no-such-page")
    operator.get(f"/operator/provider?id={SHOP}x")
    assert code_of(operator.post("/no-such-page")) == "not-found"
    assert looked(app).figures.refused == []
    assert code_of(operator.post("/operator/providers", id="C", name="x")) == "reason-missing"
    assert looked(app).figures.refused == [("reason-missing", 1)]


def test_what_the_bridge_met_is_counted_but_for_what_comes_by_itself(app, citizen, bridge):
    bridge.claim(citizen.start())
    for code in ("no-card", "card-not-supported", "resolved", "of-a-later-version", "pin-blocked"):
        bridge.fail(code)
    assert dict(looked(app).figures.refused) == {"card-not-supported": 1, "pin-blocked": 1}


def test_refusals_that_could_not_be_written_are_written_the_next_time(app, monkeypatch):
    services = app.extensions["mykey"]
    services.refusals.add("", Code.PIN_BLOCKED)
    with monkeypatch.context() as broken, app.app_context():
        broken.setattr(Day, "_write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            services.day.write_refusals()
    services.refusals.add("", Code.PIN_BLOCKED)
    for _ in range(2):
        assert looked(app).figures.refused == [("pin-blocked", 2)]


def test_a_terminal_tells_its_bridge_and_is_missed_after_three_days(app, town, clock, operator):
    tablet = Tablet(town)
    clock.forward(minutes=1)
    headers = {"Authorization": f"Bearer {tablet.token}", "User-Agent": "reader-bridge/1.4.2 extra"}
    tablet.client.post("/api/v1/presence", json={}, headers=headers, base_url=tablet.base)
    states = []
    for step in ({}, {"minutes": 2}, {"days": 3}):
        clock.forward(**step)
        [(terminal, state)] = looked(app).terminals
        states.append(state)
    assert (states, terminal.bridge) == (["present", "away", "silent"], "reader-bridge/1.4.2")
    assert "terminals" in checks(app)
    operator.sign_in()
    page = operator.get("/operator/day")
    assert ("reader-bridge/1.4.2" in page.words, "3日以上、通信のない端末" in page.words) == (True, True)
    with app.app_context():
        town.services.terminals.revoke(terminal.terminal_id)
    assert looked(app).terminals == []
    assert "terminals" not in checks(app)


def test_certificates_that_will_expire_are_counted_by_the_week(app, town, clock):
    for number, days in enumerate((3, 29, 31, 89, 91, 400)):
        card = town.card(f"PERSON{number:08}07202002B", clock() + timedelta(days=days, minutes=1))
        town.register(card)
    ends = clock() + timedelta(days=10)
    old = town.card("RETIRED12345AB07202002B", ends)
    person_id = town.register(old)
    code = town.code_of(old)
    assert town.by_code(town.renewed(not_after=ends.replace(year=ends.year + 5)), code) == person_id
    clock.now = NOW
    expiring = looked(app).expiring
    assert (expiring.soon, expiring.later, len(expiring.weeks)) == (2, 4, WEEKS)
    assert {week: count for week, count in enumerate(expiring.by_week) if count} == {0: 1, 4: 2, 12: 1}


def test_messages_that_are_not_taken_are_counted_by_the_provider(app, operator):
    late = NOW - timedelta(minutes=16)
    changes = ({}, {"due_at": late}, {"due_at": None}, {"due_at": None, "delivered_at": NOW})
    write(app, WebhookMessage, [message_of(number, **each) for number, each in enumerate(changes)])
    assert looked(app).outboxes == [(LIBRARY, 3, 1, 1)]
    assert "webhooks" in checks(app)
    assert f"/operator/provider/webhook-messages?id={LIBRARY}" in [
        link["href"].replace("%CE%B1", "α") for link in operator.get("/operator/day").all("a")
    ]


def test_nothing_needs_an_operator_whose_portal_is_well(app_with):
    assert checks(app_with()) == {"contact"}
    well = app_with(operator="見本市", operator_telephone="03-1234-5678")
    assert checks(well) == set()


def test_a_backup_that_is_missing_or_old_is_missed(app_with, tmp_path):
    backups, made = tmp_path / "backups", []
    app = app_with(operator_mail="a@example.jp", backups=backups)
    for name in (None, "mykey-2026-11-20-030000.tar", "mykey-2026-11-22-030000.tar"):
        if name:
            backups.mkdir(exist_ok=True)
            (backups / name).touch()
        made.append((looked(app).storage.backup, checks(app)))
    assert made == [
        (None, {"backups"}),
        (NOW - timedelta(days=3), {"backups"}),
        (NOW - timedelta(days=1), set()),
    ]


def test_a_portal_without_a_current_list_says_so_before_cards_are_refused(app_with):
    app = app_with(revocation="crl", operator_mail="a@example.jp")
    assert checks(app) == {"revocation"}


def test_a_look_costs_the_same_among_ten_thousand_and_reads_no_table_of_them(app, operator, town, cost):  # noqa: F811
    librarian = provider_staff(app)
    Tablet(town)

    def costs():
        return [cost(lambda: operator.get("/operator/day")), cost(lambda: librarian.get("/provider/figures"))]

    fill(app, 10)
    few = costs()
    fill(app, 10_000)
    assert costs() == few
    assert few[0] <= MOST, few
    assert few[1] <= MOST, few
    services = app.extensions["mykey"]
    reads = (services.day.expiring, services.day.outboxes, services.figures.last_days)
    with app.app_context():
        if db.engine.dialect.name == "postgresql":  # which does so by itself, some time later
            db.session.execute(text("ANALYZE"))
        for read, index in zip(reads, INDEXES, strict=True):
            assert index in plan_of(read)


def plan_of(read):
    """Return how the database would find what a method reads."""
    said = []

    def note(_connection, _cursor, statement, parameters, *_):
        said.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    read()
    event.remove(Engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    return str(list(db.session.connection().exec_driver_sql(f"{explain} {said[-1][0]}", said[-1][1])))


def fill(app, number):
    """Write so many certificates and messages that were taken, and the figures of as many days before the last."""
    names = [uuid4() for _ in range(number)]
    same = {"issuer_key_id": "aa", "public_key_digest": "", "random_string": "X" * 14, "terminal_code": "07202002B"}
    dates = {"not_before": NOW, "not_after": NOW + timedelta(days=900), "registered_at": NOW}
    write(app, Certificate, [same | dates | {"serial_number": each.hex, "person_id": each} for each in names])
    write(app, WebhookMessage, [message_of(each, due_at=None, delivered_at=NOW) for each in names])
    day = {"service_provider_id": LIBRARY, "code": "", "times": 1, "what": str(number)}
    written = [day | {"day": NOW.date() - timedelta(days=20 + ago)} for ago in range(number)]
    write(app, DailyFigure, written)
