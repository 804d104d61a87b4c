"""Staff: one-time links, roles, and when a session is over."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.extensions import db
from portal.models import AuditEntry, Passkey, StaffLink
from portal.web import access
from tests.portal.actors.authenticator import Authenticator, to_bytes, to_text
from tests.portal.actors.staff import StaffBrowser, added_staff, code_of, count, list_of_staff, signed_in_staff


def test_a_link_serves_once(clerk, app):
    again = added_staff(app, "窓口 太郎")
    assert code_of(again.open_link(clerk.token)) == "staff-link-invalid"


def test_of_two_browsers_with_one_link_the_first_passkey_counts(hanako, app):
    thief = added_staff(app, "窓口 太郎")
    thief.open_link(hanako.token)
    hanako.enrol()
    assert code_of(thief.make_passkey()) == "staff-link-invalid"
    assert count(app, Passkey) == 1


def test_of_two_browsers_with_one_link_at_once_exactly_one_makes_a_passkey(hanako, app):
    browsers = [hanako, added_staff(app, "窓口 太郎")]
    for browser in browsers:
        browser.open_link(hanako.token)
    with ThreadPoolExecutor(2) as threads:
        pages = list(threads.map(StaffBrowser.make_passkey, browsers))
    assert sorted(page.status for page in pages) == [200, 403]
    assert count(app, Passkey) == 1


def test_a_link_ends_after_24_hours(hanako, clock):
    clock.forward(hours=23, minutes=59)
    hanako.open_link()
    clock.forward(minutes=1)
    assert code_of(hanako.make_passkey()) == "staff-link-invalid"
    assert code_of(hanako.open_link()) == "staff-link-invalid"


def test_a_newer_link_voids_the_older_one(hanako):
    hanako.open_link()
    with list_of_staff(hanako) as (staff_list, staff_id):
        newer = staff_list.new_link(staff_id)
    assert code_of(hanako.make_passkey()) == "staff-link-invalid"
    assert code_of(hanako.open_link()) == "staff-link-invalid"
    assert hanako.enrol(newer).status == 200


def test_somebody_elses_link_makes_a_passkey_of_that_person_and_says_so_first(hanako, app):
    taro = added_staff(app, "窓口 太郎")
    assert "窓口 太郎" in hanako.open_link(taro.token).words
    assert "窓口 花子" not in hanako.page.words
    with list_of_staff(hanako) as (staff_list, staff_id):
        staff_list.suspend(staff_id)
    assert "窓口 太郎" in hanako.make_passkey().words


def test_a_passkey_belongs_to_one_person(clerk, app):
    taro = added_staff(app, "窓口 太郎")
    taro.authenticator.credential_id = clerk.authenticator.credential_id
    assert code_of(taro.enrol()) == "passkey-refused"
    assert count(app, StaffLink) == 1
    assert "窓口 花子" in clerk.sign_in().words


def test_without_a_link_there_is_no_passkey_to_add(clerk, app):
    assert code_of(clerk.get("/staff/passkey")) == "staff-link-invalid"
    clerk.get("/staff/sign-in")
    answer = clerk.authenticator.create({"user": {"id": to_text(clerk.staff_id.bytes)}} | clerk.options())
    assert code_of(clerk.post("/staff/passkey", credential=answer)) == "staff-link-invalid"
    assert count(app, Passkey) == 1


def test_recovery_leaves_the_passkeys_that_are_there(clerk, app):
    with list_of_staff(clerk) as (staff_list, staff_id):
        token = staff_list.new_link(staff_id)
    assert clerk.get("/staff").status == 200
    clerk.open_link(token)
    [known] = clerk.options()["excludeCredentials"]
    assert to_bytes(known["id"]) == clerk.authenticator.credential_id
    old, clerk.authenticator = clerk.authenticator, Authenticator(clerk.base)
    assert clerk.enrol(token).status == 200
    clerk.authenticator = old
    assert clerk.sign_in().status == 200
    assert count(app, Passkey) == 2


def test_recovery_may_forget_them_which_ends_sessions_too(clerk, clock):
    clock.forward(minutes=1)
    with list_of_staff(clerk) as (staff_list, staff_id):
        token = staff_list.new_link(staff_id, forget_passkeys=True)
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"
    assert code_of(clerk.sign_in()) == "passkey-refused"
    clerk.authenticator = Authenticator(clerk.base)
    assert clerk.enrol(token).status == 200


def test_suspended_staff_are_refused_at_the_next_request_and_sign_in_anew_afterwards(clerk, clock):
    clock.forward(minutes=1)
    with list_of_staff(clerk) as (staff_list, staff_id):
        staff_list.suspend(staff_id)
    assert code_of(clerk.get("/staff")) == "staff-suspended"
    assert code_of(clerk.sign_in()) == "staff-suspended"
    with list_of_staff(clerk) as (staff_list, staff_id):
        staff_list.resume(staff_id)
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"
    assert clerk.sign_in().status == 200


def test_suspended_in_the_middle_of_signing_in_or_of_adding_a_passkey(clerk, hanako, app):
    clerk.get("/staff/sign-in")
    hanako.open_link()
    for browser in (clerk, hanako):
        with list_of_staff(browser) as (staff_list, staff_id):
            staff_list.suspend(staff_id)
    answer = clerk.authenticator.get(clerk.options())
    assert code_of(clerk.post("/staff/sign-in", credential=answer)) == "staff-suspended"
    assert code_of(hanako.make_passkey()) == "staff-suspended"
    assert code_of(hanako.open_link()) == "staff-suspended"
    assert count(app, Passkey) == 1


def test_a_session_of_staff_ends_after_half_an_hour_without_use_and_after_twelve_hours_of_use(clerk, clock):
    for _ in range(27):
        clock.forward(minutes=26)
        assert clerk.get("/staff").status == 200
    clock.forward(minutes=18)
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"
    clerk.sign_in()
    clock.forward(minutes=30)
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"


ROLES = {
    "clerk": ({Role.CLERK}, {"clerk", "any_staff"}),
    "operator": ({Role.OPERATOR}, {"operator", "any_staff"}),
    "both": ({Role.CLERK, Role.OPERATOR}, {"clerk", "operator", "any_staff"}),
}


@pytest.mark.parametrize(("roles", "allowed"), ROLES.values(), ids=ROLES)
def test_a_role_opens_its_own_pages_alone(app, roles, allowed):
    browser = signed_in_staff(app, roles=roles)
    cookie = f"__Host-mykey={browser.client.get_cookie('__Host-mykey', 'id.example.jp').value}"
    for name in ("clerk", "operator", "any_staff"):
        view = getattr(access, name)(lambda staff, word: (staff.name, word))
        with app.test_request_context("/staff", base_url=browser.base, headers={"Cookie": cookie}):
            app.session_interface.load()
            if name in allowed:
                assert view("word") == ("窓口 花子", "word")
            else:
                with pytest.raises(PortalError, match="role-missing"):
                    view("word")


def test_a_citizens_session_is_no_staff_session(complete, citizen):
    complete()
    citizen.post("/registration")
    assert code_of(citizen.get("/staff")) == "staff-sign-in-needed"


def test_a_staff_session_is_no_citizens_session(clerk):
    assert code_of(clerk.get("/account")) == "sign-in-needed"
    assert code_of(clerk.get("/registration")) == "card-needed"


def test_each_kind_of_session_replaces_the_other(complete, hanako):
    complete(who=hanako)
    hanako.post("/registration")
    cookie = hanako.client.get_cookie("__Host-mykey", "id.example.jp").value
    hanako.enrol()
    assert hanako.client.get_cookie("__Host-mykey", "id.example.jp").value != cookie
    assert code_of(hanako.get("/account")) == "sign-in-needed"
    complete("sign-in", who=hanako)
    assert hanako.get("/account").status == 200
    assert code_of(hanako.get("/staff")) == "staff-sign-in-needed"


def test_the_session_id_is_rotated_at_the_link_and_at_sign_in(hanako):
    def cookie():
        return hanako.client.get_cookie("__Host-mykey", "id.example.jp").value

    hanako.get("/staff/enrol")
    seen = [cookie()]
    for step in (hanako.open_link, hanako.enrol, hanako.sign_in):
        step()
        seen.append(cookie())
    assert len(set(seen)) == 4


def test_the_audit_tells_what_happened_and_no_secret(app, caplog):
    caplog.set_level("INFO")
    clerk = signed_in_staff(app)
    clerk.sign_in()
    with app.app_context():
        entries = list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)))
    assert [entry.event for entry in entries] == [
        "operator:staff:added",
        "operator:staff:link-made",
        "staff:passkey:added",
    ]
    assert {json.loads(entry.details)["staff"] for entry in entries} == {str(clerk.staff_id)}
    [visit] = [json.loads(line) for line in caplog.messages if line.startswith("{")]
    assert visit == {"event": "staff:session:signed-in", "staff": str(clerk.staff_id)}
    assert clerk.token not in caplog.text + "".join(entry.details for entry in entries)


def test_a_form_of_staff_that_comes_after_the_session_gets_a_notice_and_no_error(clerk, clock):
    clerk.get("/counter")
    clock.forward(minutes=30)
    page = clerk.post("/counter/visits", person_id="x")
    assert code_of(page) == "staff-sign-in-needed"
    assert "<title>職員のサインインが必要です。" in page.response.text
    assert ("エラーコード" in page.words, "トップページに戻る" in page.words) == (False, False)
    assert page.words.count("サインアウトする") == 0


@pytest.mark.parametrize(
    ("address", "back"),
    [("/counter", "/counter"), ("/operator/provider?id=A-%CE%B11-0001", "/operator/provider?id=A-%CE%B11-0001")],
)
def test_staff_whose_session_is_over_sign_in_on_the_page_and_are_back_there(app, town, clock, address, back):  # noqa: ARG001
    staff = signed_in_staff(app, "運営 一郎", (Role.CLERK, Role.OPERATOR))
    clock.forward(minutes=30)
    page = staff.get(address)
    assert (page.value("data-problem"), page.status) == ("staff-sign-in-needed", 403)
    [kept] = [field["value"] for field in page.all("input") if field.get("name") == "back"]
    answer = staff.authenticator.get(staff.options())
    assert staff.post("/staff/sign-in", credential=answer, back=kept).status == 200
    assert staff.address == back


@pytest.mark.parametrize(
    "back",
    [
        *("//evil.example/", "https://evil.example/counter", "https://id.example.jp@evil.example/", "/nowhere"),
        *(
            "/operator/providers",
            "",
            "/stop\\\\evil.example",
            "/counter/visits/\n",
            "/counter?a=\r\nSet-Cookie: mykey=b",
        ),
    ],
)
def test_a_sign_in_leads_to_no_other_site(clerk, back):
    clerk.get("/staff/sign-in")
    clerk.post("/staff/sign-in", credential=clerk.authenticator.get(clerk.options()), back=back)
    assert clerk.address == "/staff"


def test_staff_have_their_own_footer_and_citizens_theirs(clerk, citizen):
    theirs, citizens = clerk.get("/counter"), citizen.get("/card")
    assert ("0.1" in theirs.words, "カードをなくした方" in theirs.words) == (True, False)
    assert ("0.1" in citizens.words, "カードをなくした方" in citizens.words) == (False, True)
    assert "/staff" in {link.get("href") for link in theirs.all("a")}
