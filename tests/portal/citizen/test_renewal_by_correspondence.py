"""継続性 by a correspondence: a permission for a year, and joining two records of one person."""

import pytest

from portal.domain.continuity import Proof
from portal.extensions import db
from portal.models import Review
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.town import CHOSEN, HANAKO, LIBRARY, NEW, SHOP, TARO

MOVED = "正常に引き継がれました。"
GONE = "mykey-id-not-registered"


def by_line(town, certificate):
    return town.do("renewal", "by_correspondence", certificate, "renew")


def reviews(town):
    return [review.code for review in rows(town.app, Review)]


@pytest.fixture
def old(town):
    certificate = town.card()
    town.register(certificate, LIBRARY)
    return certificate


def test_a_confirmed_line_lets_the_new_card_take_over_with_one_button(town, old):
    before, new = town.look_up(old), town.renewed()
    town.correspond(old, new)
    citizen = town.before(new, "renew")
    page = citizen.get("/renewal")
    assert [each["name"] for each in page.all("input")] == ["csrf_token", "way"]
    assert message(citizen.post("/renewal", way="correspondence")) == MOVED
    assert (town.look_up(new), town.look_up(old)) == (before, GONE)


def test_a_chosen_id_stays(town, old):
    person_id, new = town.person_of(old), town.renewed()
    town.choose(person_id)
    town.correspond(old, new)
    assert by_line(town, new) == person_id
    assert town.current_id(person_id) == CHOSEN


@pytest.mark.parametrize("line", [{"confirmed": False}, {"days": 0}])
def test_a_line_that_is_not_confirmed_or_out_of_time_permits_nothing(town, old, line):
    new = town.renewed()
    if line.get("confirmed", True):
        town.correspond(old, new, **line)
    assert by_line(town, new) == "correspondence-missing"
    assert "carry_over_code" in [each.get("name") for each in town.before(new, "renew").get("/renewal").all("input")]


def test_a_line_is_a_permission_and_moves_nothing_by_itself(town, old):
    new = town.renewed()
    town.correspond(old, new)
    assert town.look_up(new) == GONE
    assert town.look_up(old) != GONE


def test_a_line_serves_once(town, old):
    new = town.renewed()
    town.correspond(old, new)
    by_line(town, new)
    assert by_line(town, new) == "correspondence-missing"


def test_a_new_certificate_that_is_older_goes_to_staff(town, old):
    older = town.card(NEW)
    town.correspond(old, older)
    assert by_line(town, older) == "renewal-order"
    assert reviews(town) == ["renewal-order"]


def test_an_old_certificate_that_was_retired_meanwhile_goes_to_staff(town, old):
    code = town.code_of(old)
    new, other = town.renewed(), town.renewed(TARO)
    town.by_code(new, code)
    town.correspond(old, other)
    assert by_line(town, other) == "renewal-order"


def test_a_line_of_an_unknown_old_certificate_permits_nothing(town):
    unknown, new = town.card(TARO), town.renewed()
    town.correspond(unknown, new)
    assert by_line(town, new) == "correspondence-missing"


def test_a_fresh_registration_is_joined(town, old):
    person_id, new = town.person_of(old), town.renewed()
    town.register(new, SHOP)
    ids = (town.look_up(old, LIBRARY), town.look_up(new, SHOP))
    town.correspond(old, new)
    assert by_line(town, new) == person_id
    assert (town.look_up(new, LIBRARY), town.look_up(new, SHOP)) == ids
    assert town.current_id(person_id) == NEW[:14]


def test_a_fresh_registration_joins_a_chosen_id_which_stays(town, old):
    person_id, new = town.person_of(old), town.renewed()
    town.choose(person_id)
    town.register(new, SHOP)
    town.correspond(old, new)
    by_line(town, new)
    assert town.current_id(person_id) == CHOSEN
    assert town.look_up(new, SHOP) != GONE


def test_one_provider_that_links_both_sends_it_to_staff(town, old):
    new = town.renewed()
    town.register(new, LIBRARY)
    ids = (town.look_up(old), town.look_up(new))
    town.correspond(old, new)
    assert by_line(town, new) == "records-not-joinable"
    assert reviews(town) == ["records-not-joinable"]
    assert (town.look_up(old), town.look_up(new)) == ids


def test_the_session_of_the_joined_record_is_over(town, old):
    new = town.renewed()
    browser = town.signed_in(town.register(new))
    town.correspond(old, new)
    by_line(town, new)
    assert browser.get("/account").status == 403


def test_undoing_a_joined_move_parts_the_two_again(town, old):
    person_id, new = town.person_of(old), town.renewed()
    other = town.register(new, SHOP)
    ids = (town.look_up(old, LIBRARY), town.look_up(new, SHOP))
    with town.app.app_context():  # as the counter does where the old card is gone
        known = town.services.people.known(town.verified(old))
        town.services.continuity.move(known, town.verified(new), Proof.COUNTER_APPROVED)
        db.session.commit()
    assert town.look_up(new, LIBRARY) == ids[0]
    assert town.do("renewal", "undo", old, "renew") == person_id
    assert (town.look_up(old, LIBRARY), town.look_up(new, SHOP)) == ids
    assert (town.look_up(old, SHOP), town.look_up(new, LIBRARY)) == ("service-id-not-registered",) * 2
    assert (town.current_id(person_id), town.current_id(other)) == (HANAKO[:14], NEW[:14])
