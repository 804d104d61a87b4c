"""What the operator looks at: the whole table, each look in the chain, and the webhook messages."""

from datetime import timedelta

import pytest

from portal.extensions import db
from portal.models import WebhookMessage
from portal.services.operation import management_table as whole_table
from tests.conftest import NOW
from tests.portal.actors.card_holders import rows
from tests.portal.actors.staff import code_of
from tests.portal.actors.town import LIBRARY, SHOP, TARO
from tests.portal.operation.test_providers import NEEDED, entries


@pytest.fixture
def linked(town):
    """Link two people: Hanako at both providers, Taro at the shop."""
    town.register(town.card(), LIBRARY, SHOP)
    town.register(town.card(TARO), SHOP)


def cells(page):
    """Return the rows of the table."""
    body = page.response.text.partition("<tbody")[2].partition("</tbody>")[0]
    rows = [row.split('class="digits"')[1:] for row in body.split("<tr>")[1:]]
    return [[cell.partition(">")[2].partition("<")[0] for cell in row] for row in rows]


@pytest.mark.usefixtures("linked")
def test_each_look_at_the_table_is_in_the_chain_before_it_is_shown_once(app, operator):
    assert cells(operator.get("/operator/table")) == []
    page = operator.post("/operator/table", column="mykey_id", sought="1c24 10df79dgel", **NEEDED)
    assert [row[:2] for row in cells(page)] == [["1C2410DF79DGEL", LIBRARY], ["1C2410DF79DGEL", SHOP]]
    assert cells(operator.get("/operator/table")) == []
    said = {"column": "mykey_id", "sought": "1C24…GEL", "after": []} | NEEDED
    assert entries(app, "operator:management-table") == [said]


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize(
    ("column", "sought", "count"),
    [
        ("mykey_id", "", 3),
        ("mykey_id", "1c2410df79dgel", 2),
        ("mykey_id", "1C24", 0),
        ("mykey_id", "%", 0),
        ("service_provider_id", SHOP, 2),
        ("service_provider_id", "B", 0),
        ("service_id", "no such", 0),
    ],
)
def test_the_table_is_searched_by_a_column(operator, column, sought, count):
    operator.get("/operator/table")
    page = operator.post("/operator/table", column=column, sought=sought, **NEEDED)
    assert len(cells(page)) == count


@pytest.mark.usefixtures("linked")
def test_the_table_goes_on_after_the_last_row(app, operator, monkeypatch):
    monkeypatch.setattr(whole_table, "PAGE_ROWS", 1)
    operator.get("/operator/table")
    seen, page = [], operator.post("/operator/table", column="mykey_id", **NEEDED)
    for _ in range(2):
        seen += cells(page)
        hidden = [(tag["name"], tag["value"]) for tag in page.all("input") if tag.get("type") == "hidden"]
        fields = {name: [each for key, each in hidden if key == name] for name, _ in hidden if name != "csrf_token"}
        page = operator.post("/operator/table", **fields)
    seen += cells(page)
    assert (len(seen), "見る" in page.words, "次の" in page.words) == (3, True, False)
    assert seen == sorted(seen, key=lambda row: row[1:])
    assert len(entries(app, "operator:management-table")) == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"column": "person_id"}, "request-malformed"),
        ({"column": "mykey_id", "after": "A"}, "request-malformed"),
        ({"column": "mykey_id", "after": ["A", "\0"]}, "request-malformed"),
        ({"column": "service_id", "sought": "a\0"}, "service-id-malformed"),
    ],
)
def test_what_the_table_is_not_asked_for(operator, fields, code):
    operator.get("/operator/table")
    assert code_of(operator.post("/operator/table", **fields, **NEEDED)) == code


@pytest.fixture
def messages(app, town):  # noqa: ARG001
    """Write messages of the library: one that was given up, one that waits, one that was taken; and one of the shop."""
    facts = {"body": "{}", "made_at": NOW - timedelta(days=1), "tries": 7, "answer": "503"}
    rows = [
        WebhookMessage(message_id="msg_up", service_provider_id=LIBRARY, due_at=None, **facts),
        WebhookMessage(message_id="msg_waits", service_provider_id=LIBRARY, due_at=NOW + timedelta(hours=1), **facts),
        WebhookMessage(message_id="msg_taken", service_provider_id=LIBRARY, due_at=None, delivered_at=NOW, **facts),
        WebhookMessage(message_id="msg_shop", service_provider_id=SHOP, due_at=None, **facts),
    ]
    with app.app_context():
        db.session.add_all(rows)
        db.session.commit()


@pytest.mark.usefixtures("messages")
def test_what_was_not_taken_is_seen_and_sent_once_more(app, operator):
    page = operator.get(f"/operator/provider/webhook-messages?id={LIBRARY}")
    shown = {tag["value"] for tag in page.all("input") if tag["name"] == "message"}
    assert (shown, "送るのをやめました" in page.words, "503" in page.words) == ({"msg_up", "msg_waits"}, True, True)
    every = ["msg_up", "msg_taken", "msg_shop", "msg_\0"]
    operator.post("/operator/provider/webhook-messages", id=LIBRARY, message=every, **NEEDED)
    due = {row.message_id: row.due_at for row in rows(app, WebhookMessage)}
    assert due == {"msg_up": NOW, "msg_waits": NOW + timedelta(hours=1), "msg_taken": None, "msg_shop": None}
    assert entries(app, "operator:handoff-message") == [{"provider": LIBRARY, "messages": ["msg_up"]} | NEEDED]
    assert (
        code_of(operator.post("/operator/provider/webhook-messages", id=LIBRARY, **NEEDED)) == "handoff-message-missing"
    )


def test_what_is_sought_is_never_cut(operator):
    page = operator.get("/operator/table")
    [field] = [each for each in page.all("input") if each.get("name") == "sought"]
    assert "maxlength" not in field
    assert (
        code_of(operator.post("/operator/table", column="service_id", sought="1" * 70, **NEEDED))
        == "service-id-too-long"
    )
