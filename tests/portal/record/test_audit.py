"""The audit chain: one entry an act, and what was changed afterwards shows."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
from sqlalchemy import delete, update

from portal.domain.formats.stop_code import with_check
from portal.extensions import db
from portal.models import AuditEntry, AuditHead
from portal.services.record.audit import Event
from tests.conftest import NOW, VALID
from tests.portal.actors.card_holders import at_the_forms, rows
from tests.portal.actors.pages import Citizen

ENTRIES = 5


@pytest.fixture
def chain(app):
    """Write some entries, and lend the service within an application context."""
    audit = app.extensions["mykey"].audit
    with app.app_context():
        for number in range(ENTRIES):
            audit.entry(Event.REGISTERED, person=number, mykey_id="1C24…GEL")
            db.session.commit()
        yield audit


def change(statement):
    db.session.execute(statement)
    db.session.commit()
    db.session.expire_all()


def entry(number):
    return update(AuditEntry).where(AuditEntry.number == number)


def test_a_chain_that_nobody_touched_holds(chain):
    assert chain.broken() == (ENTRIES, None)
    assert chain.head().number == ENTRIES


def test_an_empty_chain_holds(app):
    with app.app_context():
        assert app.extensions["mykey"].audit.broken() == (0, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": NOW.replace(year=2020)},
        {"at": NOW.replace(microsecond=1)},
        {"event": Event.CANCELLED},
        {"details": '{"person": 7}'},
        {"details": ""},
        {"details_digest": bytes(32)},
        {"digest": bytes(32)},
        {"number": 99},
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [1, 3, ENTRIES])
def test_a_changed_column_shows(chain, number, changed):
    change(entry(number).values(changed))
    assert chain.broken()[1] == number


def test_details_and_their_digest_changed_together_show(chain):
    change(entry(2).values(details="{}", details_digest=sha256(b"{}").digest()))
    assert chain.broken()[1] == 2


@pytest.mark.parametrize("number", [1, 3, ENTRIES])
def test_a_deleted_entry_shows(chain, number):
    change(delete(AuditEntry).where(AuditEntry.number == number))
    assert chain.broken()[1] == number


def test_two_entries_that_changed_places_show(chain):
    for old, new in ((2, 77), (3, 2), (77, 3)):
        change(entry(old).values(number=new))
    assert chain.broken()[1] == 2


@pytest.mark.parametrize("head", [{"number": 3}, {"number": 9}, {"digest": bytes(32)}])
def test_a_head_that_was_changed_shows(chain, head):
    change(update(AuditHead).values(head))
    assert chain.broken()[1] is not None


def test_an_end_that_was_cut_off_with_its_head_shows_to_who_holds_a_slip(chain):
    slip = chain.head()
    before = db.session.get(AuditEntry, ENTRIES - 1).digest
    change(delete(AuditEntry).where(AuditEntry.number == ENTRIES))
    change(update(AuditHead).values(number=ENTRIES - 1, digest=before))
    assert chain.broken() == (ENTRIES - 1, None)
    assert not chain.holds(*slip)


def test_details_may_be_deleted_without_breaking_the_chain(chain):
    change(entry(2).values(details=None))
    assert chain.broken() == (ENTRIES, None)


def test_details_that_are_kept_elsewhere_are_in_the_chain_as_a_digest_alone(chain):
    chain.entry(Event.LOOKED_UP, keep=False, person=1)
    db.session.commit()
    assert db.session.get(AuditEntry, ENTRIES + 1).details is None
    assert chain.broken() == (ENTRIES + 1, None)


def test_acts_that_go_on_while_the_chain_is_walked_are_no_fault(chain, monkeypatch):
    heads, whole = [chain.head()], type(chain).head
    chain.entry(Event.REGISTERED)
    db.session.commit()
    monkeypatch.setattr(type(chain), "head", lambda self: heads.pop() if heads else whole(self))
    assert chain.broken() == (ENTRIES + 1, None)


def test_an_act_that_is_rolled_back_leaves_no_gap(chain):
    chain.entry(Event.REGISTERED)
    db.session.rollback()
    chain.entry(Event.REGISTERED)
    db.session.commit()
    assert chain.broken() == (ENTRIES + 1, None)


def test_acts_at_once_stand_one_after_the_other(app):
    audit = app.extensions["mykey"].audit

    def act(number):
        with app.app_context():
            audit.entry(Event.REGISTERED, person=number)
            db.session.commit()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, range(40)))
    with app.app_context():
        assert audit.broken() == (40, None)


@pytest.fixture
def registered(app, authority, keys):
    [citizen] = at_the_forms(app, [authority.issue(public_key=keys[0].public_key(), **VALID)])
    citizen.post("/registration/reservation", mykey_id="YAMADAHANA1122")
    return citizen


def test_each_act_is_one_entry_without_a_whole_id_and_a_refusal_is_none(registered, app):
    registered.get("/stop")
    registered.post("/stop", stop_code=with_check("23456789ABCDEFG"))
    [made] = rows(app, AuditEntry)
    assert made.event == Event.RESERVED
    assert "YAMADAHANA1122" not in made.details
    assert "YAMA…122" in made.details


@pytest.mark.usefixtures("registered")
def test_anybody_checks_a_slip_and_reads_what_it_means(app):
    with app.app_context():
        number, digest = app.extensions["mykey"].audit.head()
    stranger = Citizen(app)
    typed = f"{digest[:8].upper()}%20{digest[8:]}"
    assert "いまも残っています" in stranger.get(f"/audit?number={number}&digest={typed}").words
    with app.app_context():
        change(update(AuditEntry).values(digest=bytes(32)))
    assert "記録は、ありません。" in stranger.get(f"/audit?number={number}&digest={typed}").words


@pytest.mark.parametrize(
    ("number", "digest"),
    [("1", ""), ("", "ab"), ("1", "0" * 64), ("0", "0" * 64), ("-1", "x"), ("9" * 40, "x"), ("１", "x"), ("²", "x")],
)
def test_what_no_slip_carries_does_not_stand(registered, number, digest):
    page = registered.get(f"/audit?number={number}&digest={digest}")
    assert (page.status, "この番号と値の記録は、ありません。" in page.words) == (200, True)


def test_without_number_and_digest_nothing_is_said(app):
    page = Citizen(app).get("/audit")
    assert ("いまも残っています" in page.words, "記録は、ありません。" in page.words) == (False, False)
