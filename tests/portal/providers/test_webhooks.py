"""引渡し: what a look-up writes is sent, signed, once it is taken never again."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook

from portal.domain.providers import Handoff, Step
from portal.extensions import db
from portal.gateways.webhook import Answer
from portal.models import ServiceProvider, WebhookMessage
from portal.services.providers.webhooks import BACK_OFF
from tests.portal.actors.customers import set_up, webhook_secret
from tests.portal.actors.town import LIBRARY, SHOP
from tests.portal.providers.reception.test_reception import Page

TAKEN, AWAY = Answer(204, "204"), Answer(None, "unreachable")


class Desk:
    """A business system that answers as it is told, the last answer for ever."""

    def __init__(self, *answers):
        self.answers, self.heard = list(answers), []

    def post(self, address, headers, body):
        self.heard.append((address, headers, body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def enqueued(town, context):  # noqa: ARG001
    """Write messages, and return the service that sends them to a desk."""
    for name in (LIBRARY, SHOP):
        set_up(town.app, name, handoff_url=f"https://{name[0].lower()}.example.jp/hook", handoff_key="first")

    def with_desk(*answers, messages=1, provider=LIBRARY):
        terminal, _ = town.services.terminals.add(provider, "受付1", handoff=Handoff.WEBHOOK)
        row = db.session.get(ServiceProvider, provider)
        for number in range(messages):
            town.services.webhooks.enqueue(row, terminal, f"{number:06}")
            town.clock.forward(seconds=1)
        desk = Desk(*answers)
        return replace(town.services.webhooks, post_webhook=desk.post), desk

    return with_desk


def message():
    [found] = db.session.scalars(select(WebhookMessage).execution_options(populate_existing=True))
    return found


def send_due(webhooks):
    number = 0
    while due := webhooks.claim():
        webhooks.send(due)
        number += 1
    return number


def test_a_receiver_of_standard_webhooks_verifies_it(app, enqueued, clock):
    clock.now = clock.now.now(clock.now.tzinfo)  # the receiver knows no other time
    webhooks, desk = enqueued(TAKEN)
    assert send_due(webhooks) == 1
    [(address, headers, body)] = desk.heard
    told = Webhook(webhook_secret(app)).verify(body, headers)
    assert address == "https://a.example.jp/hook"
    assert told["type"] == "service-id.looked-up"
    assert UUID(told["data"].pop("terminal_id"))
    assert told["data"] == {"service_provider_id": LIBRARY, "service_id": "000000", "terminal": "受付1"}
    assert (message().delivered_at, message().due_at, message().answer) == (clock.now, None, "204")
    assert send_due(webhooks) == 0


def test_each_provider_has_a_secret_of_its_own_which_another_key_changes(app, town):  # noqa: ARG001 - the town has the providers
    first = webhook_secret(app)
    assert first != webhook_secret(app, SHOP)
    set_up(app, handoff_key="second")
    assert first != webhook_secret(app)
    assert first.startswith("whsec_")


def test_it_is_tried_again_at_growing_intervals_and_then_given_up(enqueued, clock):
    webhooks, desk = enqueued(AWAY)
    for wait in BACK_OFF:
        assert (send_due(webhooks), message().answer) == (1, "unreachable")
        assert message().due_at == clock.now + wait
        clock.forward(seconds=wait.total_seconds() - 1)
        assert send_due(webhooks) == 0
        clock.forward(seconds=1)
    assert send_due(webhooks) == 1
    assert (message().due_at, message().delivered_at, len(desk.heard)) == (None, None, 1 + len(BACK_OFF))
    assert len({headers["webhook-id"] for _, headers, _ in desk.heard}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in desk.heard}) == len(desk.heard)
    assert list(accumulate(BACK_OFF))[-1] < timedelta(days=2)


@pytest.mark.parametrize("status", [301, 400, 500])
def test_an_answer_that_is_no_yes_is_tried_again(enqueued, clock, status):
    webhooks, _ = enqueued(Answer(status, str(status), "7200"), TAKEN)
    send_due(webhooks)
    assert message().due_at == clock.now + BACK_OFF[0]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("120", timedelta(seconds=120)),
        ("0", BACK_OFF[0]),
        ("9" * 30, BACK_OFF[-1]),
        ("Mon, 23 Nov 2026 03:10:01 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2020 03:10:01 GMT", BACK_OFF[0]),
        ("soon", BACK_OFF[0]),
        (f"Mon, 23 Nov {'9' * 30} 03:10:01 GMT", BACK_OFF[0]),
        ("１２０", BACK_OFF[0]),
        (None, BACK_OFF[0]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_desk_says_when_to_come_back_within_bounds(enqueued, clock, status, asked, waits):
    webhooks, _ = enqueued(Answer(status, str(status), asked))
    send_due(webhooks)
    assert message().due_at == clock.now + waits


def test_what_a_desk_wants_no_more_is_not_tried_again(enqueued):
    webhooks, _ = enqueued(Answer(410, "410"))
    send_due(webhooks)
    assert (message().due_at, message().delivered_at, message().answer) == (None, None, "410")


def test_a_message_is_in_one_pair_of_hands_and_comes_back_if_they_die(enqueued, clock):
    webhooks, _ = enqueued(TAKEN)
    due = webhooks.claim()
    assert webhooks.claim() is None
    clock.forward(minutes=2)
    again = webhooks.claim()
    assert again.message_id == due.message_id
    for each in (again, due):  # the first was only slow
        webhooks.send(each)
    assert message().delivered_at == clock.now
    assert message().due_at is None


def test_a_later_failure_of_the_same_message_does_not_take_the_delivery_back(enqueued, clock):
    webhooks, _ = enqueued(TAKEN, AWAY)
    first = webhooks.claim()
    clock.forward(minutes=2)
    second = webhooks.claim()
    webhooks.send(first)
    webhooks.send(second)
    assert (message().due_at, message().answer) == (None, "204")


def test_a_suspended_providers_messages_wait_until_it_may_act_again(enqueued, town):
    webhooks, desk = enqueued(TAKEN)
    town.services.providers.suspend(LIBRARY)
    assert (send_due(webhooks), desk.heard) == (0, [])
    town.services.providers.resume(LIBRARY)
    assert send_due(webhooks) == 1


def test_a_busy_provider_holds_up_nobody_else(enqueued):
    enqueued(TAKEN, messages=2)
    webhooks, _ = enqueued(TAKEN, provider=SHOP)
    assert webhooks.claim().service_provider_id == LIBRARY
    assert webhooks.claim({LIBRARY}).service_provider_id == SHOP
    assert webhooks.claim({LIBRARY}) is None
    assert webhooks.claim().service_provider_id == LIBRARY


def test_of_many_processes_each_sends_other_messages(enqueued, town):
    webhooks, desk = enqueued(TAKEN, messages=12)
    barrier = Barrier(4)

    def process():
        barrier.wait()
        with town.app.app_context():
            send_due(webhooks)

    threads = [Thread(target=process) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = sorted(json.loads(body)["data"]["service_id"] for _, _, body in desk.heard)
    assert told == [f"{number:06}" for number in range(12)]
    assert db.session.query(WebhookMessage).filter_by(delivered_at=None).count() == 0


def test_a_look_at_an_empty_queue_costs_one_statement(enqueued, statements):
    webhooks, _ = enqueued(TAKEN, messages=0)
    with statements() as seen:
        assert webhooks.claim() is None
    assert [each for each in seen if not each.startswith("BEGIN")] == [seen[-1]]


def test_a_receiver_that_reads_it_and_writes_it_anew_still_verifies_it(app, enqueued, town, clock):
    clock.now = clock.now.now(clock.now.tzinfo)  # the receiver knows no other time
    webhooks, desk = enqueued(TAKEN, messages=0)
    name = '受付\N{RIGHTWARDS ARROW}"1" \\ </a> \N{GRINNING FACE}'
    terminal, _ = town.services.terminals.add(LIBRARY, name, handoff=Handoff.WEBHOOK)
    town.services.webhooks.enqueue(db.session.get(ServiceProvider, LIBRARY), terminal, "A-α1-0001")
    send_due(webhooks)
    [(_, headers, body)] = desk.heard
    anew = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))  # as JSON.stringify does
    told = Webhook(webhook_secret(app)).verify(anew, headers)["data"]
    assert (told["terminal"], told["service_id"]) == (name, "A-α1-0001")


@pytest.mark.parametrize("lacking", ["handoff_url", "handoff_key"])
def test_a_provider_without_address_or_secret_is_left_alone(enqueued, lacking):
    webhooks, _ = enqueued(TAKEN)
    db.session.execute(update(ServiceProvider).values({lacking: None}))
    db.session.commit()
    assert send_due(webhooks) == 0


def test_the_message_tells_what_was_true_at_the_look_up(enqueued, town):
    card = town.card()
    town.register(card, LIBRARY)
    webhooks, desk = enqueued(TAKEN, messages=0)
    page = Page(town, handoff=Handoff.WEBHOOK)
    page.ask(Step.INQUIRY)
    page.tap(card)
    service_id = page.shown()[1]
    db.session.commit()
    town.do("my_page", "unlink", card, "unlink", service_provider_id=LIBRARY)
    send_due(webhooks)
    assert json.loads(desk.heard[0][2])["data"]["service_id"] == service_id
