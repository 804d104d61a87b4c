"""Acts at the same moment, in real threads, their statements mixed at random: no deadlock, no error, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import Engine, event

from tests.portal.lives.acts import DONE, PROVIDERS
from tests.portal.lives.invariants import check

ROUNDS = 3
A, B = PROVIDERS
X = "WISHED12345678"


@pytest.fixture(params=range(ROUNDS))
def at_once(request, acts, app):
    """Do several acts at one moment; return their outcomes in order, and see that the record is sound."""
    random = Random(request.param)  # noqa: S311 - not a secret

    def hesitate(*_):
        sleep(random.random() * 0.003)

    def run(*calls):
        barrier = Barrier(len(calls))

        def one(call):
            barrier.wait(20)
            sleep(random.random() * 0.02)
            return acts.outcome(call)

        event.listen(Engine, "before_cursor_execute", hesitate)
        try:
            with ThreadPoolExecutor(len(calls)) as threads:
                outcomes = list(threads.map(one, calls))
        finally:
            event.remove(Engine, "before_cursor_execute", hesitate)
        check(app)
        return outcomes

    return run


@pytest.fixture
def citizen(acts, clock, at_once):  # noqa: ARG001 - it empties the database
    """Somebody with a card, an ID and one link."""
    card = acts.card("1C2410DF79DGEL")
    acts.register(card)
    acts.link(card, A, "000000001")
    clock.forward(days=1)
    return card


@pytest.fixture
def press(acts):
    """Prepare a button: the card has been read, and `act` is what the button does."""
    services = acts.services
    buttons = {
        "register": ("register", services.registration.register),
        "reserve": ("register", services.provisional_registration.reserve),
        "make_code": ("carry-over", services.carry_over.make_code),
        "by_code": ("renew", services.renewal.by_code),
        "by_correspondence": ("renew", services.renewal.by_correspondence),
        "undo": ("renew", services.renewal.undo),
        "link": ("link", services.my_page.link),
        "resume": ("resume", services.stop_codes.resume),
        "cancel_reservation": ("cancel-reservation", services.provisional_registration.cancel_by_card),
        "cancel": ("cancel-registration", services.my_page.cancel_registration),
    }

    def prepare(name, card, *more, **parameters):
        purpose, act = buttons[name]
        session = acts.read(card, purpose, **parameters)
        return lambda: act(session, *more)

    return prepare


@pytest.fixture
def tap(acts):
    def prepare(card, provider, service_id):
        return lambda: acts.tap(card, provider, service_id)

    return prepare


@pytest.fixture
def counter(acts):
    def prepare(old, new):
        with acts.app.app_context():
            visit = acts.visit(old, new)
        return lambda: acts.press(visit)

    return prepare


def people(app):
    return check(app)[0]["people"]


def test_two_tabs_of_one_card_register_one_person(acts, at_once, press, app):
    card = acts.card("NEWCARD2345678")
    assert at_once(*(press("register", card) for _ in range(3))) == [DONE] * 3
    assert len(people(app)) == 1


def test_registering_and_reserving_with_one_card_make_one_person(acts, at_once, press, app):
    card = acts.card("NEWCARD2345678")
    assert at_once(press("register", card), press("reserve", card, X)) == [DONE, DONE]
    found, _ = check(app)
    assert len(found["people"]) == len(found["ids"]) == len(found["reserved"]) == 1


def test_of_many_who_reserve_one_id_one_has_it(acts, at_once, press, app):
    cards = [acts.card(f"CARD{number:010}") for number in range(8)]
    outcomes = at_once(*(press("reserve", card, X) for card in cards))
    assert sorted(outcomes) == [DONE, *["mykey-id-taken"] * 7]
    assert len(people(app)) == 1


def test_of_two_reservations_of_one_person_one_holds(at_once, press, citizen, app):
    wishes = X, "ANOTHER2345678"
    assert at_once(*(press("reserve", citizen, wish) for wish in wishes)) == [DONE, DONE]
    assert len(check(app)[0]["reserved"]) == 1


def test_one_code_moves_one_record_once(acts, at_once, press, citizen, clock):
    acts.make_code(citizen)
    code = acts.carry_over_code()
    clock.forward(days=1)
    cards = [acts.card(f"CARD{number:010}", not_after=citizen.not_after) for number in range(2)]
    outcomes = at_once(*(press("by_code", card, code) for card in cards))
    assert sorted(outcomes) == ["carry-over-code-wrong", DONE]
    assert acts.look_up(cards[outcomes.index(DONE)], A) == "000000001"
    assert acts.look_up(citizen, A) == "mykey-id-not-registered"


def test_two_tabs_with_one_code_move_once(acts, at_once, press, citizen, clock):
    acts.make_code(citizen)
    code = acts.carry_over_code()
    clock.forward(days=1)
    new = acts.card("NEWCARD2345678", not_after=citizen.not_after)
    outcomes = at_once(*(press("by_code", new, code) for _ in range(2)))
    assert outcomes.count(DONE) == 1
    assert set(outcomes) <= {DONE, "carry-over-code-wrong", "certificate-known"}
    assert acts.look_up(new, A) == "000000001"


def test_a_code_is_made_anew_while_it_is_used(acts, at_once, press, citizen, clock):
    acts.make_code(citizen)
    code = acts.carry_over_code()
    clock.forward(days=1)
    new = acts.card("NEWCARD2345678", not_after=citizen.not_after)
    moved, made = at_once(press("by_code", new, code), press("make_code", citizen))
    assert (moved, made) in [(DONE, "certificate-replaced"), ("carry-over-code-wrong", DONE)]


def test_a_link_made_during_a_move_is_not_lost(acts, at_once, tap, counter, citizen):
    new = acts.card("NEWCARD2345678")
    moved, linked = at_once(counter(citizen, new), tap(citizen, B, "ABCDEFGHI"))
    assert moved == DONE
    expected = {DONE: "ABCDEFGHI", "mykey-id-not-registered": "service-id-not-registered"}
    assert acts.look_up(new, B) == expected[linked]
    assert acts.look_up(citizen, B) == "mykey-id-not-registered"


def test_a_link_made_during_a_join_is_not_lost(acts, at_once, press, tap, citizen):
    new = acts.card("NEWCARD2345678")
    acts.register(new)
    acts.permit(citizen, new)
    assert at_once(press("by_correspondence", new), tap(new, B, "ABCDEFGHI")) == [DONE, DONE]
    assert [acts.look_up(new, provider) for provider in PROVIDERS] == ["000000001", "ABCDEFGHI"]


def test_two_tabs_with_one_correspondence_move_once(acts, at_once, press, citizen):
    new = acts.card("NEWCARD2345678")
    acts.permit(citizen, new)
    outcomes = at_once(*(press("by_correspondence", new) for _ in range(2)))
    assert outcomes.count(DONE) == 1
    assert set(outcomes) <= {DONE, "correspondence-missing", "certificate-replaced", "renewal-order"}
    assert acts.look_up(new, A) == "000000001"


def test_a_link_made_during_a_cancellation_is_refused_or_gone(at_once, press, tap, citizen, app):
    cancelled, linked = at_once(press("cancel", citizen), tap(citizen, B, "ABCDEFGHI"))
    assert cancelled == DONE
    assert linked in (DONE, "mykey-id-not-registered")
    assert not check(app)[0]["links"]


def test_a_card_has_its_own_string_while_somebody_reserves_it(acts, at_once, press, citizen, app, clock):
    owner = acts.card(X)
    clock.forward(days=1)
    reserved, registered = at_once(press("reserve", citizen, X), press("register", owner))
    assert registered == DONE
    assert reserved in (DONE, "mykey-id-taken")
    assert not check(app)[0]["reserved"]


def test_a_reservation_is_cancelled_while_the_owner_of_the_string_takes_it(acts, at_once, press, citizen, app, clock):
    owner = acts.card(X)
    clock.forward(days=1)
    acts.reserve(citizen, X)
    registered, cancelled = at_once(press("register", owner), press("cancel_reservation", citizen))
    assert registered == DONE
    assert cancelled in (DONE, "reservation-missing")
    assert not check(app)[0]["reserved"]


def test_a_reservation_is_replaced_while_the_owner_of_the_string_takes_it(acts, at_once, press, citizen, app, clock):
    owner = acts.card(X)
    clock.forward(days=1)
    acts.reserve(citizen, X)
    assert at_once(press("register", owner), press("reserve", citizen, "ANOTHER2345678")) == [DONE, DONE]
    assert list(check(app)[0]["reserved"].values()) == ["ANOTHER2345678"]


def test_two_people_trade_their_wishes(acts, at_once, press):
    cards = [acts.card(f"CARD{number:010}") for number in range(2)]
    wishes = X, "ANOTHER2345678"
    for card, wish in zip(cards, wishes, strict=True):
        acts.reserve(card, wish)
    outcomes = at_once(*(press("reserve", *pair) for pair in zip(cards, reversed(wishes), strict=True)))
    assert set(outcomes) <= {DONE, "mykey-id-taken"}


def test_counter_and_code_move_one_record_once(acts, at_once, press, counter, citizen, clock):
    acts.make_code(citizen)
    code = acts.carry_over_code()
    clock.forward(days=1)
    cards = [acts.card(f"CARD{number:010}", not_after=citizen.not_after) for number in range(2)]
    outcomes = at_once(counter(citizen, cards[0]), press("by_code", cards[1], code))
    assert outcomes in ([DONE, "carry-over-code-wrong"], ["certificate-replaced", DONE])
    assert acts.look_up(cards[outcomes.index(DONE)], A) == "000000001"


def test_the_new_card_cancels_its_own_record_while_it_is_joined(acts, at_once, press, counter, citizen):
    new = acts.card("NEWCARD2345678")
    acts.register(new)
    moved, cancelled = at_once(counter(citizen, new), press("cancel", new))
    assert moved in (DONE, "records-not-joinable")
    assert cancelled == DONE


def test_the_new_card_registers_while_the_counter_moves_to_it(acts, at_once, press, counter, citizen):
    new = acts.card("NEWCARD2345678")
    assert at_once(counter(citizen, new), press("register", new)) == [DONE, DONE]
    assert acts.look_up(new, A) == "000000001"


def test_a_move_is_undone_once(acts, at_once, press, citizen):
    new = acts.card("NEWCARD2345678")
    acts.complete(citizen, new, approved=True)
    outcomes = at_once(*(press("undo", citizen) for _ in range(2)))
    assert sorted(outcomes) == [DONE, "move-not-undoable"]
    assert acts.look_up(citizen, A) == "000000001"


def test_a_link_is_given_back_while_somebody_else_takes_it(acts, at_once, press, tap, citizen):
    thiefs, other = acts.card("THIEFS12345678"), acts.card("NEWCARD2345678")
    acts.register(other)
    acts.complete(citizen, thiefs, approved=True)
    acts.unlink(thiefs, A)
    undone, taken = at_once(press("undo", citizen), tap(other, A, "000000001"))
    assert (undone, taken in (DONE, "service-id-in-use")) == (DONE, True)
    assert acts.look_up(other if taken == DONE else citizen, A) == "000000001"


def test_a_stop_while_the_card_resumes(acts, at_once, press, citizen):
    acts.resume(citizen)
    code = acts.stop_code()
    stop = acts.services.stop_codes.stop
    assert at_once(lambda: stop(code), press("resume", citizen)) == [DONE, DONE]


def test_one_question_to_staff_asked_in_two_tabs_is_listed_once(acts, at_once, press, citizen):
    same_name = acts.card(citizen.string)
    assert at_once(*(press("register", same_name) for _ in range(3))) == ["mykey-id-conflict"] * 3
    with acts.app.app_context():
        assert len(acts.services.staff_reviews.waiting()) == 1


def test_two_cards_of_one_name_register_one(acts, at_once, press):
    cards = [acts.card("NEWCARD2345678") for _ in range(2)]
    assert sorted(at_once(*(press("register", card) for card in cards))) == [DONE, "mykey-id-conflict"]


def test_uses_out_of_time_are_deleted_by_two_at_once_while_cards_are_tapped(acts, at_once, press, tap, citizen, clock):
    others = [acts.card(f"CARD{number:010}") for number in range(3)]
    for number, card in enumerate(others):
        acts.register(card)
        acts.link(card, A, f"{number:09}-old")
        for _ in range(3):
            acts.look_up(card, A)
    clock.forward(days=91)
    new = acts.card("NEWCARD2345678")
    acts.register(new)
    acts.permit(citizen, new)
    taps = [tap(card, B, f"{number:09}") for number, card in enumerate(others)]
    forget = acts.services.retention.forget
    assert at_once(press("by_correspondence", new), forget, forget, *taps) == [DONE] * 6


def test_one_service_id_that_two_people_wait_for_is_one_persons(acts, at_once, press, citizen):
    other = acts.card("NEWCARD2345678")
    acts.register(other)
    named = {"service_provider_id": B, "service_id": "000000002"}
    assert [acts.ask(card, *named.values()) for card in (citizen, other)] == [DONE, DONE]
    assert sorted(at_once(*(press("link", card, **named) for card in (citizen, other)))) == [DONE, "service-id-in-use"]


def test_a_link_is_confirmed_in_two_tabs_while_the_card_is_renewed(acts, at_once, press, citizen):
    new, named = acts.card("NEWCARD2345678"), {"service_provider_id": B, "service_id": "000000002"}
    acts.permit(citizen, new)
    acts.ask(citizen, *named.values())
    presses = [press("link", citizen, **named) for _ in range(2)]
    moved, *confirmed = at_once(press("by_correspondence", new), *presses)
    assert (moved, set(confirmed) <= {DONE, "certificate-replaced", "service-link-not-pending"}) == (DONE, True)
    assert acts.confirm(new, *named.values()) == (DONE if DONE not in confirmed else "service-link-not-pending")
    assert acts.look_up(new, B) == "000000002"
