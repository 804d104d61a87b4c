"""Two at once at the counter: one act is carried out, and nobody gets an error of ours."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from portal.domain.errors import PortalError
from portal.models import CorrespondenceLine, Move, Person
from tests.portal.actors.at_counter import CHOSEN, NEW_NAME, OLD_NAME
from tests.portal.counter.test_correspondence_files import Operator, file, line


@pytest.fixture
def ready(counter_town, clock):
    """Return a clerk whose visit for a reservation has both cards read."""
    counter_town.register(old := counter_town.card())
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(receipt)
    desk.read("before", old)
    desk.read("after", counter_town.reissued())
    return desk


def both(*acts):
    with ThreadPoolExecutor(2) as threads:
        return [each.result() for each in [threads.submit(act) for act in acts]]


def test_of_two_clerks_who_approve_at_once_one_carries_it_out(counter_town, clock):
    counter_town.register(counter_town.card())
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("after", counter_town.reissued(NEW_NAME))
    desk.finish()
    others = [counter_town.clerk(name) for name in ("窓口 太郎", "窓口 次郎")]
    pages = [other.takes_over(desk) for other in others]
    answers = both(
        *(lambda other=other, page=page: other.press(page) for other, page in zip(others, pages, strict=True))
    )
    assert sorted(answer.status for answer in answers) == [200, 410]
    assert len(counter_town.rows(Move)) == 1


def test_a_new_card_that_registers_while_the_button_is_pressed_belongs_to_the_same_person(counter_town, clock):
    person_id, new = counter_town.register(old := counter_town.card()), counter_town.reissued(NEW_NAME)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    page, signed = desk.read("after", new), counter_town.signed(new, "register")

    def register():
        with counter_town.app.app_context():
            counter_town.services.registration.register(signed)

    answer, _ = both(lambda: desk.press(page), register)
    assert answer.status == 200
    assert counter_town.holder(new) == person_id
    assert counter_town.current_id(person_id) == NEW_NAME[:14]
    assert [row.person_id for row in counter_town.rows(Person) if row.ended_at is None] == [person_id]


def test_a_reservation_that_is_cancelled_while_the_button_is_pressed_ends_one_way(counter_town, ready):
    page, person_id = ready.look(), next(iter(counter_town.rows(Person))).person_id
    signed = counter_town.signed(counter_town.card(), "cancel-reservation")

    def cancel():
        with counter_town.app.app_context(), suppress(PortalError):  # the clerk was first
            counter_town.services.provisional_registration.cancel_by_card(signed)

    answer, _ = both(lambda: ready.press(page), cancel)
    completed = counter_town.current_id(person_id) == CHOSEN
    assert answer.status == (200 if completed else 409)


def test_two_files_confirmed_at_once_that_name_one_certificate_let_one_line_hold(counter_town):
    old, second, new = (
        counter_town.card(),
        counter_town.card("7K0M93QX5TBR2W07202002B", 2),
        counter_town.reissued(NEW_NAME),
    )
    for card in (old, second):
        counter_town.register(card)
    loader, operators = (
        Operator(counter_town.app, "運営 一郎"),
        [Operator(counter_town.app, name) for name in ("運営 次郎", "運営 三郎")],
    )
    addresses = []
    for card in (old, second):
        loader.load(file(line(counter_town, card, new)))
        addresses.append(loader.browser.address)
    for operator in operators:
        operator.browser.get("/correspondence")
    posts = (
        lambda operator=operator, address=address: operator.browser.post(f"{address}/confirmation")
        for operator, address in zip(operators, addresses, strict=True)
    )
    assert [answer.status for answer in both(*posts)] == [200, 200]
    assert len(counter_town.rows(CorrespondenceLine)) == 1
