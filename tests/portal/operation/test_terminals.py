"""The operator's pages of terminals: codes shown once, revoked at once, a reason for each act."""

import json

import pytest

from portal.domain.providers import Handoff
from portal.models import BrowserSession, Terminal
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.staff import code_of
from tests.portal.actors.town import LIBRARY
from tests.portal.operation.test_providers import NEEDED, entries


def test_a_terminal_is_added_and_its_codes_are_shown_once_and_stand_in_no_row(app, operator):
    operator.get(f"/operator/provider/terminals?id={LIBRARY}")
    fields = {"id": LIBRARY, "name": "自動受付", "handoff": "webhook", "stays_armed": "yes"} | NEEDED
    page = operator.post("/operator/provider/terminals", **fields)
    bridge, screen = (
        part.split()[0] for part in page.words.split("リーダー用の登録コード")[1].split("画面（タブレット）")[:2]
    )
    [terminal] = rows(app, Terminal)
    assert (terminal.staffed, terminal.stays_armed, terminal.handoff) == (False, True, Handoff.WEBHOOK)
    assert bridge != screen
    kept = json.dumps([row.data for row in rows(app, BrowserSession)])
    assert bridge.replace("-", "") not in kept
    assert bridge not in operator.get(f"/operator/terminals/{terminal.terminal_id}").words
    call = {"base_url": operator.base, "json": {"enrolment_code": bridge}}
    assert app.test_client().post("/api/v1/terminals", **call).status_code == 201
    assert "画面は未登録" in operator.get(f"/operator/provider/terminals?id={LIBRARY}").words
    expected = {"terminal": str(terminal.terminal_id), "provider": LIBRARY, "staffed": False} | NEEDED
    assert entries(app, "operator:terminal:added") == [expected]


def test_new_codes_void_the_old_ones_and_revoking_refuses_the_terminal_at_once(app, operator):
    operator.get(f"/operator/provider/terminals?id={LIBRARY}")
    old = operator.post("/operator/provider/terminals", id=LIBRARY, name="受付", **NEEDED).words
    [terminal] = rows(app, Terminal)
    address = f"/operator/terminals/{terminal.terminal_id}"
    new = operator.post(f"{address}/codes", reason="コードをなくした").words
    assert "reader-bridge terminal enrol --portal https://id.example.jp " in new
    assert "https://id.example.jp/reception/enrol" in new
    codes = [words.split("リーダー用の登録コード")[1].split()[0] for words in (old, new)]
    client, call = app.test_client(), {"base_url": operator.base}
    calls = [client.post("/api/v1/terminals", json={"enrolment_code": code}, **call) for code in codes]
    assert [each.status_code for each in calls] == [404, 201]
    headers = {"Authorization": f"Bearer {calls[1].json['token']}"}
    assert (
        client.post("/api/v1/taps", json={"service_card": "0114B3C2D4E5F607"}, headers=headers, **call).status_code
        == 204
    )
    operator.get(address)
    assert "登録を取り消した日時" in operator.post(f"{address}/revocation", reason="盗まれた").words
    assert (
        client.post("/api/v1/taps", json={"service_card": "0114B3C2D4E5F607"}, headers=headers, **call).status_code
        == 401
    )
    assert code_of(operator.post(f"{address}/codes", **NEEDED)) == "terminal-unknown"
    assert entries(app, "operator:terminal:revoked") == [{"terminal": str(terminal.terminal_id), "reason": "盗まれた"}]


TEMPLATE = "https://ils.example/patron?barcode={service_id}"


@pytest.fixture
def terminal(app, operator, town):
    """Add a terminal, and open its page."""
    with app.app_context():
        added, _ = town.services.terminals.add(LIBRARY, "受付")
    operator.get(f"/operator/terminals/{added.terminal_id}")
    return added


def test_a_link_into_the_business_system_is_set_changed_and_taken_away(app, operator, terminal):
    address = f"/operator/terminals/{terminal.terminal_id}"
    for typed in ({"handoff_link": f" {TEMPLATE} ", "one_window": "yes"}, {"handoff_link": "", "one_window": "yes"}):
        page = operator.post(f"{address}/handoff-link", **typed, **NEEDED)
        [row] = rows(app, Terminal)
        expected = TEMPLATE if typed["handoff_link"] else None
        assert (row.handoff_link, row.one_window) == (expected, expected is not None)
        assert (operator.address, message(page)) == (address, "業務システムへのリンクを保存しました。")
        assert (TEMPLATE in page.response.text, "画面 / リンク" in page.words) == (expected is not None,) * 2
    told = [{"to": "https://ils.example", "one_window": True}, {"to": None, "one_window": False}]
    expected = [{"terminal": str(terminal.terminal_id)} | each | NEEDED for each in told]
    assert entries(app, "operator:handoff-link:set") == expected


@pytest.mark.parametrize(
    "refused",
    ["http://ils.example/{service_id}", "https://{service_id}.example/", "https://id.example.jp/{service_id}"],
)
def test_a_link_that_is_refused_stays_in_its_field_and_changes_nothing(app, operator, terminal, refused):
    address = f"/operator/terminals/{terminal.terminal_id}/handoff-link"
    page = operator.post(address, handoff_link=refused, one_window="yes", **NEEDED)
    assert (page.status, code_of(page)) == (422, "handoff-link-malformed")
    assert any(field.get("value") == refused and field["id"] == "handoff_link" for field in page.all("input"))
    assert (rows(app, Terminal)[0].handoff_link, entries(app, "operator:handoff-link")) == (None, [])


def test_a_terminal_that_was_revoked_gets_no_link(app, operator, town, terminal):
    with app.app_context():
        town.services.terminals.revoke(terminal.terminal_id)
    address = f"/operator/terminals/{terminal.terminal_id}/handoff-link"
    assert code_of(operator.post(address, handoff_link=TEMPLATE, **NEEDED)) == "terminal-unknown"


@pytest.mark.parametrize("act", ["settings", "codes", "handoff-link", "revocation"])
def test_no_act_on_a_terminal_without_a_reason(app, operator, town, act):
    with app.app_context():
        terminal, _ = town.services.terminals.add(LIBRARY, "受付")
    operator.get(f"/operator/terminals/{terminal.terminal_id}")
    page = operator.post(f"/operator/terminals/{terminal.terminal_id}/{act}", name="受付")
    assert (page.status, "理由が入っていません。" in page.words) == (422, True)
    assert len(entries(app, "operator:terminal")) == 1


def test_a_terminal_is_set_up_anew_while_it_works(app, operator, terminal):
    address = f"/operator/terminals/{terminal.terminal_id}"
    new = {"name": " 2階受付 ", "stays_armed": "yes", "handoff": "webhook"}
    page = operator.post(f"{address}/settings", **new, **NEEDED)
    assert (operator.address, message(page), "2階受付" in page.words) == (address, "保存しました。", True)
    [row] = rows(app, Terminal)
    assert (row.name, row.staffed, row.stays_armed, row.handoff) == ("2階受付", False, True, Handoff.WEBHOOK)
    assert (row.bridge_code_hash, row.page_code_hash) == (terminal.bridge_code_hash, terminal.page_code_hash)
    changed = {"name": "2階受付", "staffed": False, "stays_armed": True, "handoff": "webhook"}
    expected = {"terminal": str(terminal.terminal_id), "changed": changed} | NEEDED
    operator.post(f"{address}/settings", **new, **NEEDED)  # nothing more
    assert entries(app, "operator:terminal:set-up") == [expected]


def test_a_name_that_is_refused_changes_nothing_and_stays_with_what_was_chosen(app, operator, terminal):
    address = f"/operator/terminals/{terminal.terminal_id}/settings"
    page = operator.post(address, name="受付\u200b", stays_armed="yes", **NEEDED)
    assert (page.status, code_of(page)) == (422, "terminal-malformed")
    boxes = {field["id"]: "checked" in field for field in page.all("input") if field.get("type") == "checkbox"}
    assert boxes == {"staffed": False, "stays_armed": True}
    assert rows(app, Terminal)[0].staffed


def test_the_page_of_a_terminal_has_its_code_in_a_fragment_alone(operator, town):  # noqa: ARG001
    operator.get(f"/operator/provider/terminals?id={LIBRARY}")
    page = operator.post("/operator/provider/terminals", id=LIBRARY, name="受付", staffed="yes", **NEEDED)
    assert message(page) == "端末を追加しました。"
    assert page.response.text.count("<svg") == 2
    assert "まで、それぞれ1回だけ使えます。" in page.words
