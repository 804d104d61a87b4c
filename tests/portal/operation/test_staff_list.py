"""The operator's pages of staff: whom they let in, with a passkey alone, and whom they never shut out."""

import json
from uuid import UUID

import pytest

from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.extensions import db
from portal.models import AuditEntry, BrowserSession, Passkey, Staff, StaffLink
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.staff import StaffBrowser, added_staff, code_of, list_of_staff, signed_in_staff
from tests.portal.actors.town import LIBRARY
from tests.portal.operation.test_providers import NEEDED

INVITATION = {"name": " 窓口 次郎 ", "role": "clerk"} | NEEDED


def entries(app, event):
    found = [json.loads(row.details) for row in rows(app, AuditEntry) if row.event == event]
    return [{name: fact for name, fact in each.items() if name != "salt"} for each in found]


def approve(operator, address, **fields):
    """Send a form, and once more with the passkey."""
    asked = operator.post(address, **fields)
    assert (asked.status, asked.value("data-passkey")) == (200, "get")
    carried = {field["name"]: field["value"] for field in asked.all("input") if field["name"] in fields}
    assert carried == {name: value for name, value in fields.items() if isinstance(value, str)}
    return operator.post(address, credential=operator.authenticator.get(operator.options()), **fields)


def token_in(page):
    return page.words.partition("/staff/enrol#")[2].split()[0]


def row(app, staff_id):
    with app.app_context():
        return db.session.get(Staff, staff_id)


@pytest.fixture
def clerk(app, operator):
    """Add a clerk who is signed in, and open the operator's list."""
    browser = signed_in_staff(app)
    operator.get("/operator/staff")
    return browser


def of(browser):
    return f"/operator/staff/{browser.staff_id}"


def test_somebody_is_invited_by_a_link_that_is_shown_once_and_stands_in_no_row(app, operator):
    operator.get("/operator/staff")
    page = approve(operator, "/operator/staff", **INVITATION)
    assert message(page).startswith("職員を追加しました。")
    token = token_in(page)
    assert page.response.text.count("<svg") == 1
    assert token not in json.dumps([each.data for each in rows(app, BrowserSession)])
    assert "/staff/enrol#" not in operator.get(operator.address).words
    invited = StaffBrowser(app)
    assert "窓口 次郎" in invited.enrol(token).words
    [added] = [each for each in entries(app, "operator:staff:added") if each.get("by")]
    assert (
        added
        == {"staff": operator.address.rpartition("/")[2], "roles": ["clerk"], "by": str(operator.staff_id)} | NEEDED
    )
    assert entries(app, "operator:staff:link-made")[-1]["by"] == str(operator.staff_id)


def test_the_list_tells_how_each_can_sign_in(app, operator, clerk, clock):  # noqa: ARG001
    added_staff(app, "司書 一郎", (Role.PROVIDER,), provider=LIBRARY)
    late = operator.get("/operator/staff").words
    assert ("運営 一郎 （あなた）" in late, "リンクを渡した（まだ登録していない）" in late) == (True, True)
    clock.forward(hours=25)
    operator.sign_in()
    late = operator.get("/operator/staff").words
    assert ("リンクの期限が切れた" in late, "リンクを渡した" in late) == (True, False)
    assert late.count("まだありません") == 2  # the two who never signed in with the passkey


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "staff-name-malformed"),
        ({"name": "花\u202e子"}, "staff-name-malformed"),
        ({"role": ""}, "request-malformed"),
        ({"role": "king"}, "request-malformed"),
        ({"role": []}, "staff-without-role"),
        ({"role": "provider"}, "staff-without-provider"),
        ({"provider": LIBRARY}, "staff-without-provider"),
        ({"role": "provider", "provider": "Z-ω1-0001"}, "service-provider-unknown"),
        ({"reason": ""}, "reason-missing"),
    ],
)
def test_who_is_not_invited_and_what_was_typed_stays(app, operator, changes, code):
    operator.get("/operator/staff")
    page = operator.post("/operator/staff", **INVITATION | changes)
    assert code_of(page) == code
    assert len(rows(app, Staff)) == 1
    assert [field.get("value", "") for field in page.all("input") if field.get("id") == "name"] == [
        (INVITATION | changes)["name"].replace(" \t", "")
    ]


@pytest.mark.parametrize("act", ["invite", "link", "forget", "roles"])
def test_nobody_is_let_in_by_an_open_browser_alone(app, operator, clerk, act):
    address = {"invite": "/operator/staff", "roles": f"{of(clerk)}/roles"}.get(act, f"{of(clerk)}/link")
    fields = {"invite": INVITATION, "roles": {"role": "operator"}, "link": {}, "forget": {"forget": "yes"}}[
        act
    ] | NEEDED
    before = len(rows(app, AuditEntry))
    operator.post(address, **fields)
    thief = signed_in_staff(app, "泥棒 三郎", (Role.OPERATOR,))
    operator.post(address, **fields)
    page = operator.post(address, credential=thief.authenticator.get(operator.options()), **fields)
    assert code_of(page) == "passkey-refused"
    page = operator.post(address, credential="{}", **fields)  # the challenge serves once
    assert code_of(page) == "form-expired"
    assert len(rows(app, AuditEntry)) == before + 3  # the thief's own


def test_a_new_link_keeps_passkeys_and_forgetting_ends_all(app, operator, clerk):
    operator.get(of(clerk))
    page = approve(operator, f"{of(clerk)}/link", **NEEDED)
    first = token_in(page)
    assert (message(page), clerk.get("/staff").status) == ("新しいリンクを作りました。", 200)
    page = approve(operator, f"{of(clerk)}/link", forget="yes", reason="盗まれた")
    assert message(page) == "前のパスキーを消して、新しいリンクを作りました。"
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"
    assert code_of(clerk.open_link(first)) == "staff-link-invalid"
    assert clerk.enrol(token_in(page)).status == 200
    [entry] = entries(app, "operator:passkey:forgotten")
    assert entry == {"staff": str(clerk.staff_id), "by": str(operator.staff_id), "reason": "盗まれた"}


def test_somebody_is_suspended_at_once_and_resumed(app, operator, clerk):
    operator.get(of(clerk))
    page = operator.post(f"{of(clerk)}/suspension", suspend="yes", reason="退職")
    assert (message(page), code_of(clerk.get("/staff"))) == ("職員の利用を止めました。", "staff-suspended")
    assert "停止中" in operator.get("/operator/staff").words
    page = operator.post(f"{of(clerk)}/suspension", suspend="no", reason="復職")
    assert message(page) == "職員の利用を再開しました。"
    assert clerk.sign_in().status == 200
    told = {"staff": str(clerk.staff_id), "by": str(operator.staff_id)}
    assert entries(app, "operator:staff:suspended") == [told | {"reason": "退職"}]
    assert entries(app, "operator:staff:resumed") == [told | {"reason": "復職"}]


def test_roles_are_changed_and_sessions_end(app, operator, clerk):
    operator.get(of(clerk))
    page = approve(operator, f"{of(clerk)}/roles", role="provider", provider=LIBRARY, **NEEDED)
    assert (message(page), "サービス提供者の職員" in page.words) == ("役割を変えました。", True)
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"
    assert (row(app, clerk.staff_id).roles, row(app, clerk.staff_id).service_provider_id) == (["provider"], LIBRARY)
    [entry] = entries(app, "operator:staff:roles-set")
    changed = {"before": ["clerk"], "roles": ["provider"], "provider": LIBRARY, "by": str(operator.staff_id)}
    assert entry == {"staff": str(clerk.staff_id)} | changed | NEEDED


@pytest.mark.parametrize(
    ("act", "fields"),
    [("link", {"forget": "yes"}), ("roles", {"role": "clerk"}), ("suspension", {"suspend": "yes"})],
)
def test_nobody_does_it_to_oneself(app, operator, act, fields):
    page = operator.get(of(operator))
    assert all(f"{of(operator)}/{each}" not in page.response.text for each in ("roles", "suspension"))
    page = operator.post(f"{of(operator)}/{act}", **fields, **NEEDED)
    assert code_of(page) == "staff-oneself"
    assert (row(app, operator.staff_id).roles, len(rows(app, Passkey))) == (["operator"], 1)


def test_one_makes_a_link_for_a_second_device_of_ones_own(app, operator):
    operator.get(of(operator))
    second = StaffBrowser(app)
    assert second.enrol(token_in(approve(operator, f"{of(operator)}/link", **NEEDED))).status == 200
    assert (len(rows(app, Passkey)), operator.get("/staff").status) == (2, 200)


@pytest.mark.parametrize("act", ["suspend", "set_roles", "new_link"])
def test_of_two_operators_at_once_one_stays(operator, app, act):
    """What the page's session no longer says by the time of the act: the other one was just shut out."""
    other = signed_in_staff(app, "運営 二郎", (Role.OPERATOR,))
    arguments = {"set_roles": ([Role.CLERK], None)}.get(act, ())
    more = {"new_link": {"forget_passkeys": True}}.get(act, {})
    with list_of_staff(operator) as (staff_list, _):
        getattr(staff_list, act)(other.staff_id, *arguments, **more, by=operator.staff_id)
        with pytest.raises(PortalError, match="staff-last-operator"):
            getattr(staff_list, act)(operator.staff_id, *arguments, **more, by=other.staff_id)
        getattr(staff_list, act)(operator.staff_id, *arguments, **more)  # a command may
    assert len(rows(app, StaffLink)) <= 2


def test_nobody_unknown(operator):
    operator.get("/operator/staff")
    for act in ("link", "suspension"):
        assert (
            code_of(operator.post(f"/operator/staff/{UUID(int=9)}/{act}", suspend="yes", **NEEDED)) == "staff-unknown"
        )


def test_commands_write_their_reason(app, operator):
    with list_of_staff(operator) as (staff_list, _):
        staff, _token = staff_list.add("窓口 次郎", [Role.CLERK], reason="採用")
        staff_list.suspend(staff.staff_id, reason="退職")
    assert entries(app, "operator:staff:suspended") == [{"staff": str(staff.staff_id), "reason": "退職"}]
