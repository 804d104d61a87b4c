"""200 people reserve one ID at the same moment: one has it, the others read so and leave nothing."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from portal.models import Certificate, Person, Reservation, StopCode, TakenString
from tests.conftest import VALID
from tests.portal.actors.card_holders import at_the_forms, message, rows

PEOPLE = 200


@pytest.fixture
def crowd(app, authority, keys):
    """Put so many before the forms, each with a card; the keys are shared, the names are not."""

    def gathered(people):
        key = keys[0].public_key()
        names = (f"CROWD{number:09}07202002B" for number in range(people))
        return at_the_forms(app, [authority.issue(name, public_key=key, **VALID) for name in names])

    return gathered


def at_once(citizens, act):
    """Let every citizen act in a thread of their own, all released together."""
    gate = Barrier(len(citizens))

    def wait_and_act(citizen):
        gate.wait()
        return act(citizen)

    with ThreadPoolExecutor(len(citizens)) as threads:
        return list(threads.map(wait_and_act, citizens))


def until_answered(citizen):
    """Press the button again where the page says that nothing was done: on a full machine the queue takes its time."""
    while (page := citizen.post("/registration/reservation", mykey_id="YAMADAHANA1122")).status == 503:
        pass
    return page


def test_58_one_of_two_hundred_has_the_id_and_the_others_leave_no_row(crowd, app):
    pages = at_once(crowd(PEOPLE), until_answered)
    told = [message(page) for page in pages]
    assert (told.count("正常に仮登録されました。"), told.count("仮登録ができません")) == (1, PEOPLE - 1)
    assert {page.status for page in pages} == {200}
    for model in (TakenString, Reservation, Person, Certificate, StopCode):
        assert len(rows(app, model)) == 1, model
    with app.app_context():
        assert app.extensions["mykey"].audit.broken() == (1, None)


def test_58_who_lost_takes_another_id_with_the_card_still_read(crowd, app):
    one, other = crowd(2)
    one.post("/registration/reservation", mykey_id="YAMADAHANA1122")
    other.post("/registration/reservation", mykey_id="YAMADAHANA1122")
    page = other.post("/registration/reservation", mykey_id="YAMADAHANA1123")
    assert message(page) == "正常に仮登録されました。"
    assert len(rows(app, Reservation)) == 2
