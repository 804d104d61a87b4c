"""Lives that random ones seldom reach, each once found by reading or by `make soak`."""

import pytest

from tests.portal.lives.acts import DONE, PROVIDERS
from tests.portal.lives.invariants import check


@pytest.fixture
def acts(acts, clock):

    def later(string):
        clock.forward(days=1)
        return acts.card(string)

    acts.later = later
    return acts


def test_undoing_the_first_id_of_somebody_leaves_none(acts, app):
    old = acts.card("OLDCARD2345678")
    assert acts.reserve(old, "WISHED12345678") == DONE
    new = acts.later("WISHED12345678")
    assert acts.complete(old, new, approved=True) == DONE
    assert acts.link(new, PROVIDERS[0], "000000001") == DONE
    assert acts.undo(old) == DONE
    assert acts.look_up(old, PROVIDERS[0]) == "mykey-id-not-registered"
    found, _ = check(app)
    assert [current for _, current in found["ids"].values()] == [False]


def test_undoing_a_join_gives_nobody_an_id_that_he_never_registered(acts, app):
    old = acts.card("OLDCARD2345678")
    assert acts.register(old) == DONE
    new = acts.later("NEWCARD2345678")
    assert acts.reserve(new, "WISHED12345678") == DONE
    assert acts.complete(old, new, approved=True) == DONE
    assert acts.undo(old) == DONE
    assert acts.look_up(new, PROVIDERS[0]) == "mykey-id-not-registered"
    assert acts.register(new) == DONE
    assert acts.look_up(new, PROVIDERS[0]) == "service-id-not-registered"
    assert acts.look_up(old, PROVIDERS[0]) == "service-id-not-registered"
    check(app)


def test_of_two_moves_away_from_one_card_the_last_is_undone(acts, app):
    old = acts.card("OLDCARD2345678")
    assert acts.register(old) == DONE
    middle = acts.later("MIDDLE12345678")
    assert acts.complete(old, middle, approved=True) == DONE
    assert acts.undo(old) == DONE
    newest = acts.later("NEWEST12345678")
    assert acts.complete(old, newest, approved=True) == DONE
    assert acts.undo(old) == DONE
    assert acts.undo(old) == "move-not-undoable"
    check(app)


def test_a_card_that_was_objected_to_never_opens_the_record_again(acts, app, clock):
    old = acts.card("OLDCARD2345678")
    assert acts.register(old) == DONE
    thief = acts.later("THIEVE12345678")
    assert acts.complete(old, thief, approved=True) == DONE
    assert acts.undo(old) == DONE
    clock.forward(days=1)
    assert acts.cancel_registration(old) == DONE
    assert acts.register(thief) == "certificate-replaced"
    assert acts.register(old) == DONE
    check(app)
