"""The operator's pages: providers, terminals, the management table and webhook messages; a reason for each act."""

import json
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import AuditEntry, ServiceProvider, Staff
from tests.portal.actors.card_holders import rows
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import code_of, list_of_staff, signed_in_staff
from tests.portal.actors.town import LIBRARY

NOBODY = UUID(int=0)
WHO = ("nobody", "citizen", "clerk", "provider", "suspended", "operator")
NEEDED = {"reason": "館長の依頼"}
SETTINGS = {"id": LIBRARY, "first_links": "staffed"} | NEEDED
PAGES = {
    ("GET", "/operator"): 200,
    ("GET", "/operator/first-steps"): 200,
    ("POST", "/operator/providers"): 422,
    ("GET", f"/operator/provider?id={LIBRARY}"): 200,
    ("POST", "/operator/provider/suspension"): 404,
    ("GET", f"/operator/provider/settings?id={LIBRARY}"): 200,
    ("POST", "/operator/provider/settings/check"): 200,
    ("POST", "/operator/provider/settings"): 404,
    ("POST", "/operator/provider/secret"): 404,
    ("GET", f"/operator/provider/terminals?id={LIBRARY}"): 200,
    ("POST", "/operator/provider/terminals"): 404,
    ("GET", f"/operator/provider/webhook-messages?id={LIBRARY}"): 200,
    ("POST", "/operator/provider/webhook-messages"): 404,
    ("GET", f"/operator/terminals/{NOBODY}"): 404,
    ("POST", f"/operator/terminals/{NOBODY}/codes"): 404,
    ("POST", f"/operator/terminals/{NOBODY}/handoff-link"): 404,
    ("POST", f"/operator/terminals/{NOBODY}/revocation"): 404,
    ("GET", "/operator/table"): 200,
    ("POST", "/operator/table"): 422,
}
"""What the operator gets; a form is empty. Everybody else gets 403."""


@pytest.fixture
def visitor(request, app, town, complete):  # noqa: ARG001
    """Give the browser of somebody, on a page with a form."""
    who = request.param
    if who == "nobody":
        browser = Citizen(app)
    elif who == "citizen":
        complete("sign-in", who=(browser := Citizen(app)))
    else:
        role = who if who in ("clerk", "provider") else Role.OPERATOR
        browser = signed_in_staff(app, roles=(Role(role),), provider=LIBRARY if who == "provider" else None)
    browser.get("/sign-in")
    if who == "suspended":
        with list_of_staff(browser) as (staff_list, staff_id):
            staff_list.suspend(staff_id)
    return browser


def entries(app, event="operator:"):
    """Return the details of what operators did, without what is different each time."""
    found = [json.loads(row.details) for row in rows(app, AuditEntry) if row.event.startswith(event)]
    return [{name: fact for name, fact in each.items() if name not in ("salt", "staff")} for each in found]


def row_of(app, model, key):
    with app.app_context():
        return db.session.get(model, key)


@pytest.mark.parametrize("visitor", WHO, indirect=True)
def test_who_may_what(request, visitor):
    who = request.node.callspec.params["visitor"]
    for (method, address), status in PAGES.items():
        page = visitor.get(address) if method == "GET" else visitor.post(address, part="check" in address)
        assert page.status == (status if who == "operator" else 403), (method, address)


def test_the_table_has_every_address_of_the_operator(app):
    there = {
        (method, rule.rule.replace("<uuid:terminal_id>", str(NOBODY)))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
        if rule.rule.startswith("/operator")
    }
    assert there == {(method, address.partition("?")[0]) for method, address in PAGES}


def test_a_form_without_its_token_is_refused(operator):
    for method, address in PAGES:
        if method == "POST":
            assert operator.client.post(address, base_url=operator.base, data=SETTINGS).status_code == 400


@pytest.mark.parametrize("end", ["suspend", "new_link"])
def test_an_operator_who_is_suspended_or_signed_out_in_the_middle_of_a_step_changes_nothing(app, operator, clock, end):
    operator.get(f"/operator/provider?id={LIBRARY}")
    clock.forward(minutes=1)
    with list_of_staff(operator) as (staff_list, staff_id):
        getattr(staff_list, end)(staff_id, **({"forget_passkeys": True} if end == "new_link" else {}))
    page = operator.post("/operator/provider/suspension", id=LIBRARY, suspend="yes", **NEEDED)
    assert code_of(page) == ("staff-suspended" if end == "suspend" else "staff-sign-in-needed")
    assert row_of(app, ServiceProvider, LIBRARY).suspended_at is None
    assert operator.get("/operator").status == 403


def test_signing_out_ends_the_step_too(operator):
    operator.get("/operator/table")
    operator.post("/sign-out")
    operator.get("/staff/sign-in")  # whose form's token is good
    page = operator.post("/operator/table", column="mykey_id", **NEEDED)
    assert (page.status, code_of(page)) == (403, "staff-sign-in-needed")


ACTS = {
    "/operator/providers": {"id": "C-γ1-0001", "name": "見本体育館"},
    "/operator/provider/suspension": {"id": LIBRARY, "suspend": "yes"},
    "/operator/provider/settings": {"id": LIBRARY, "first_links": "confirmed"},
    "/operator/provider/secret": {"id": LIBRARY},
    "/operator/provider/terminals": {"id": LIBRARY, "name": "受付"},
    "/operator/provider/webhook-messages": {"id": LIBRARY, "message": "msg_x"},
    "/operator/table": {"column": "mykey_id"},
}


@pytest.mark.parametrize("address", ACTS)
@pytest.mark.parametrize(
    ("reason", "words"), [(" \t", "理由が入っていません。"), ("a" * 501, "理由は500文字までの1行にしてください。")]
)
def test_no_act_without_a_reason(app, operator, address, reason, words):
    before = len(rows(app, AuditEntry))
    operator.get("/operator")
    page = operator.post(address, **ACTS[address], reason=reason)
    assert (page.status, words in page.words) == (422, True)
    assert len(rows(app, AuditEntry)) == before


def test_a_provider_is_added_and_what_was_refused_stays_in_the_form(app, operator):
    operator.get("/operator")
    page = operator.post("/operator/providers", id=LIBRARY, name="もうひとつ", **NEEDED)
    assert (code_of(page), page.value("value") is not None) == ("service-provider-exists", True)
    assert "もうひとつ" in page.response.text
    page = operator.post("/operator/providers", id=" C-γ/1 ", name="見本体育館", **NEEDED)
    assert (page.status, "C-γ/1" in page.words, "見本体育館" in page.words) == (200, True, True)
    assert entries(app, "operator:service-provider:added")[-1] == {"provider": "C-γ/1"} | NEEDED


def test_a_provider_is_suspended_and_resumed_with_reasons(app, operator):
    operator.get(f"/operator/provider?id={LIBRARY}")
    page = operator.post("/operator/provider/suspension", id=LIBRARY, suspend="yes", **NEEDED)
    assert "利用を止めています。" in page.words
    page = operator.post("/operator/provider/suspension", id=LIBRARY, suspend="no", reason="直った")
    assert "利用を止めています。" not in page.words
    assert entries(app, "operator:service-provider:suspended") == [{"provider": LIBRARY} | NEEDED]
    assert entries(app, "operator:service-provider:resumed") == [{"provider": LIBRARY, "reason": "直った"}]


def test_a_provider_is_set_up_and_the_chain_says_what_changed(app, operator):
    operator.get(f"/operator/provider/settings?id={LIBRARY}")
    changes = {"picture": "99999999", "check_digit": "m10w3", "first_links": "confirmed", "typed_mykey_ids": "yes"}
    address = "https://desk.example.jp/mykey?token=secret"
    page = operator.post("/operator/provider/settings", **SETTINGS | changes, handoff_url=address)
    assert (page.status, "保存しました。" in page.words) == (200, True)
    row = row_of(app, ServiceProvider, LIBRARY)
    assert (row.picture, row.check_digit, row.first_links, row.typed_mykey_ids, row.handoff_url) == (
        *("99999999", "m10w3", "confirmed", True),
        address,
    )
    changed = changes | {"typed_mykey_ids": True, "handoff_url": "https://desk.example.jp"}
    assert entries(app, "operator:service-provider:set-up") == [{"provider": LIBRARY, "changed": changed} | NEEDED]
    operator.post("/operator/provider/settings", **SETTINGS | changes, handoff_url=address)
    assert len(entries(app, "operator:service-provider:set-up")) == 1  # nothing changed
    operator.post("/operator/provider/settings", **SETTINGS)
    assert row_of(app, ServiceProvider, LIBRARY).picture is None


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("picture", "9||9", "picture-malformed"),
        ("picture", "AAA", "picture-malformed"),
        ("handoff_url", "http://desk.example.jp/", "handoff-url-malformed"),
        ("handoff_url", "https://user@desk.example.jp/", "handoff-url-malformed"),
        ("check_digit", "mod97", "request-malformed"),
        ("first_links", "anybody", "request-malformed"),
        ("id", "Z-ω1-0001", "service-provider-unknown"),
        ("id", "\0", "service-provider-unknown"),
    ],
)
def test_what_no_provider_is_set_to(app, operator, field, value, code):
    operator.get(f"/operator/provider/settings?id={LIBRARY}")
    page = operator.post("/operator/provider/settings", **SETTINGS | {"check_digit": "luhn", field: value})
    assert code_of(page) == code
    assert row_of(app, ServiceProvider, LIBRARY).check_digit is None
    if code.endswith("l-malformed") or code.startswith("picture"):
        assert value in page.response.text  # what was typed stays
        assert NEEDED["reason"] in page.response.text


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("", ""),
        ("picture=A-9999", "合うものの例：A-3450"),
        ("picture=9999&check_digit=luhn&sample=1234", "サービスIDとして使えない番号です。"),
        ("picture=9999&check_digit=luhn&sample=A１23-0B", "このとおり登録されます：1230"),
        ("picture=9999&check_digit=luhn&sample=A1230B", "始めと終わりの文字を除きました"),
        ("sample=あ０００１あ", "日本語入力をオフ"),
        (f"sample={'1' * 70}", f"読み取ったもの（70文字）：{'1' * 70}"),
        ("check_digit=m16&sample=A12346A", "このとおり登録されます：12346"),
        ("picture=9||9", "合うサービスIDはありません"),
        ("sample=%00", ""),
    ],
)
def test_a_picture_is_tried_while_it_is_typed(operator, asked, words):
    operator.get("/operator")
    page = operator.post("/operator/provider/settings/check", part=True, **dict(parse_qsl(asked)))
    assert (page.status, words.replace(" ", "") in "".join(page.words.split())) == (200, True)


def test_the_secret_of_the_webhook_is_shown_once_and_a_new_one_voids_it(app, operator):
    operator.get(f"/operator/provider/settings?id={LIBRARY}")
    seen = []
    for _ in range(2):
        page = operator.post("/operator/provider/secret", id=LIBRARY, **NEEDED)
        seen.append(page.words.partition("whsec_")[2].split()[0])
        assert "whsec_" not in operator.get(f"/operator/provider/settings?id={LIBRARY}").words
    with app.app_context():
        messages, row = app.extensions["mykey"].webhook_messages, db.session.get(ServiceProvider, LIBRARY)
        assert messages.secret(row) == f"whsec_{seen[1]}" != f"whsec_{seen[0]}"
        assert row.handoff_key not in seen[1]
    assert entries(app, "operator:handoff-secret") == [{"provider": LIBRARY} | NEEDED] * 2


def test_the_staffs_page_leads_an_operator_there(app, operator):
    links = {tag.get("href") for tag in operator.get("/staff").all("a")}
    assert {"/operator", "/operator/table", "/audit"} <= links
    assert operator.get("/staff").words.count("運営 一郎") == 1
    with app.app_context():
        assert db.session.scalar(select(Staff.name)) == "運営 一郎"
