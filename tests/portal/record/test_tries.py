"""Wrong tries: exactly as many as a limit says, also of many at once and from several processes."""

import multiprocessing
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update

from portal import create_app
from portal.domain import limits
from portal.domain.card_session import Name, State
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.limits import KEPT, PAIRING_CODE, STOP_CODE
from portal.models import CardSession, TryCount
from portal.transactions import acting
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import rows

AT_ONCE = 50


def wrong(services, limit=PAIRING_CODE, who=("192.0.2.1",)):
    """Try something wrong; tell whether it was tried at all."""
    try:
        with acting(services.database):
            services.tries.take(limit, *who)
    except PortalError:
        return False
    return True


def taken_at_once(app, number):
    """Try wrongly so often, all at once; return how often it was tried."""

    def one(_):
        with app.app_context():
            return wrong(app.extensions["mykey"])

    with ThreadPoolExecutor(number) as threads:
        return sum(threads.map(one, range(number)))


def another_process(settings, results):
    results.put(taken_at_once(create_app(settings, demo_reader="http://127.0.0.1:1/"), AT_ONCE // 2))


def test_of_fifty_at_once_ten_are_tried(app):
    assert taken_at_once(app, AT_ONCE) == PAIRING_CODE.times


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_of_fifty_in_two_processes_ten_are_tried(settings, app):  # noqa: ARG001 - the key is made once
    processes = multiprocessing.get_context("spawn")
    results = processes.SimpleQueue()
    both = [processes.Process(target=another_process, args=(settings, results)) for _ in range(2)]
    for each in both:
        each.start()
    tried = [results.get() for _ in both]
    for each in both:
        each.join()
    assert sum(tried) == PAIRING_CODE.times


def test_a_window_is_each_ones_own_and_ends_and_what_was_right_counts_no_longer(app, clock):
    services, address = app.extensions["mykey"], ("192.0.2.1",)
    with app.app_context():
        for _ in range(20):
            with acting(services.database):
                services.tries.give_back(services.tries.take(PAIRING_CODE, *address), PAIRING_CODE, *address)
        assert [wrong(services) for _ in range(11)] == [True] * 10 + [False]
        assert wrong(services, STOP_CODE)
        assert wrong(services, who=("192.0.2.2",))
        clock.forward(seconds=59)
        assert not wrong(services)
        clock.forward(seconds=1)
        assert [wrong(services) for _ in range(11)] == [True] * 10 + [False]


def test_what_was_right_gives_nothing_back_of_a_later_window(app, clock):
    """Or who has a right code of his own could try more often than the limit says, from window to window."""
    services, address = app.extensions["mykey"], ("192.0.2.1",)
    with app.app_context():
        with acting(services.database):
            taken_at = services.tries.take(PAIRING_CODE, *address)
        clock.forward(seconds=60)
        assert [wrong(services) for _ in range(10)] == [True] * 10
        with acting(services.database):
            services.tries.give_back(taken_at, PAIRING_CODE, *address)
        assert not wrong(services)


def test_who_is_refused_for_one_bucket_takes_no_place_in_another(app):
    services = app.extensions["mykey"]
    with app.app_context():
        for _ in range(10):
            wrong(services, who=("card", "192.0.2.1"))
        for _ in range(20):
            assert not wrong(services, who=("another card", "192.0.2.1"))
        assert [wrong(services, who=("another card",)) for _ in range(11)] == [True] * 10 + [False]


def test_a_row_tells_neither_who_nor_what_and_goes_when_its_time_is_over(app, clock):
    services = app.extensions["mykey"]
    with app.app_context():
        wrong(services)
        [row] = rows(app, TryCount)
        assert re.fullmatch("[0-9a-f]{64}", row.bucket)
        services.retention.forget()
        assert len(rows(app, TryCount)) == 1
        clock.forward(minutes=1)
        services.retention.forget()
        assert rows(app, TryCount) == []


def test_of_fifty_sets_of_digits_at_once_five_are_tried(app):
    services = app.extensions["mykey"]
    with app.app_context():
        card_session_id, flow = services.card_sessions.start("register", None)
        answered = {"state": State.ANSWERED, "claimed_by": Name.PAIRING_CODE}
        hashed = services.secrecy.hash("completion-digits", f"{card_session_id}:999999")
        services.database.execute(update(CardSession).values(completion_hash=hashed, **answered))
        services.database.commit()

    def one(number):
        with app.app_context():
            try:
                services.card_sessions.complete_by_digits(card_session_id, f"{number:06}", flow)
            except PortalError as error:
                return str(error.code)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = Counter(threads.map(one, range(AT_ONCE)))
    assert told == {"completion-code-wrong": 4, "completion-code-refused": 1, "card-session-ended": AT_ONCE - 5}


def test_of_fifty_wrong_pairing_codes_at_once_ten_are_tried(app, card):
    def one(_):
        return Bridge(app, *card).claim(pairing_code="23456789").status_code

    with ThreadPoolExecutor(AT_ONCE) as threads:
        assert Counter(threads.map(one, range(AT_ONCE))) == {404: 10, 429: AT_ONCE - 10}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_manual_has_every_limit(settings):
    text = Path("docs/threat-model.md").read_text("utf-8").partition("## Limits")[2].partition("\n## ")[0]
    row = r"^\| `([a-z-]+)` \|[^|]*\|[^|]*\| (\d+) \| (\d+) \| `([a-z-]+)` \| ([^|]*) \|$"
    found = re.findall(row, text, re.MULTILINE)
    calls = ("terminal-calls", str(settings.terminal_calls), "60", Code.RATE_LIMITED)
    kept = [(each.what, str(each.times), str(each.seconds), each.refusal) for each in KEPT]
    assert [each[:4] for each in found] == [*kept, calls]
    assert {each for each in vars(limits).values() if isinstance(each, limits.Limit)} == set(KEPT)
    for *_, tests in found:
        path, _, name = tests.strip("` ").partition("::")
        assert f"def {name}(" in Path(path).read_text("utf-8"), name
