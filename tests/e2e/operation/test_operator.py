"""An operator's day in a real browser, in both languages: axe finds nothing, nothing is cut off, it works at once."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import WebhookMessage
from tests.conftest import NOW
from tests.e2e.axe import LOOKED_AT, look_at
from tests.e2e.browser import scripts_held
from tests.e2e.citizen.test_provisional_registration import read_back
from tests.e2e.staff import enrol, plug_in_authenticator, sign_in_staff
from tests.portal.actors.town import LIBRARY, SHOP, TARO


@pytest.fixture
def town(town):
    town.register(town.card(), LIBRARY, SHOP)
    town.register(town.card(TARO), SHOP)
    return town


@pytest.fixture(params=LOOKED_AT)
def page(request, portal, town, new_browser):  # noqa: ARG001 - the providers
    page = new_browser(portal, request.param).new_page()
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    return page


def press(page, action, **fields):
    """Fill the form of an action, and press its button."""
    form = page.locator(f'main form[action="{action}"]')
    for name, value in fields.items():
        form.locator(f'[name="{name}"]').fill(value)
    form.locator("button").click()
    page.wait_for_load_state()


def test_a_provider_from_its_first_day_to_its_suspension(page):
    page.goto("/staff")
    look_at(page)
    page.goto("/operator")
    look_at(page)
    page.fill("#id", "C-y1-0001")
    page.press("#id", "Tab")
    expect(page.locator("#id-check .error-text")).to_be_visible()
    look_at(page)
    page.fill("#id", LIBRARY)
    expect(page.locator("#id-check .error-text")).to_be_visible()
    page.fill("#id", "ｃ－Γ１－０００１")
    expect(page.locator("#id-check .success-text")).to_contain_text("C-γ1-0001")
    press(page, "/operator/providers", name="見本体育館")
    expect(page.locator(".notice--error code")).to_have_text("reason-missing")
    look_at(page)
    press(page, "/operator/providers", reason="市長の決裁 12号")
    expect(page.locator(".identifier")).to_have_text("C-γ1-0001")
    look_at(page)
    page.locator("main form button").nth(1).click()  # back, to mend what was typed
    expect(page.locator("#reason")).to_have_value("市長の決裁 12号")
    press(page, "/operator/providers")
    page.locator("main form button").first.click()
    expect(page.locator("h1")).to_have_text("見本体育館")
    expect(page.get_by_role("status")).to_be_focused()
    look_at(page)
    press(page, "/operator/provider/suspension", reason="改装のため")
    expect(page.locator(".notice--warning")).to_be_visible()
    look_at(page)


def test_a_provider_is_added_without_a_script(portal, town, new_browser):  # noqa: ARG001
    signed_in = new_browser(portal)
    page = signed_in.new_page()
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    plain = new_browser(portal, java_script_enabled=False)
    plain.add_cookies(signed_in.cookies())
    page = plain.new_page()
    page.goto("/operator")
    press(page, "/operator/providers", id="C-γ1-0001", name="見本体育館", reason="市長の決裁 12号")
    expect(page.locator(".identifier")).to_have_text("C-γ1-0001")
    page.locator("main form button").first.click()
    expect(page.get_by_role("status")).to_have_text("サービス提供者を追加しました。")


def test_a_provider_is_set_up(page):
    page.goto(f"/operator/provider/settings?id={LIBRARY}")
    look_at(page)
    page.fill("#picture", "9||9")
    expect(page.locator("#picture-check .error-text")).to_be_visible()
    page.fill("#picture", "99999999")
    expect(page.locator("#picture-check code")).to_have_text("12345670")
    page.select_option("#check_digit", "m10w3")
    page.fill("#sample", "４９０１２３４５")
    expect(page.locator("#picture-check .error-text")).to_be_visible()
    page.fill("#sample", "A４９０１２３４７A")
    with page.expect_response("**/settings/check"):
        page.press("#sample", "Enter")  # a scanner's, which saves nothing
    expect(page.locator("#picture-check .success-text")).to_contain_text("49012347")
    expect(page.locator("#picture")).to_have_value("99999999")
    page.check("#first_links-confirmed")
    page.fill("#handoff_url", "http://desk.example.jp/")
    press(page, "/operator/provider/settings", reason="業務システムの入れ替え")
    expect(page.locator(".notice--error code")).to_have_text("handoff-url-malformed")
    look_at(page)
    press(page, "/operator/provider/settings", handoff_url="https://desk.example.jp/mykey", reason="入れ替え")
    expect(page.get_by_role("status")).to_be_focused()
    press(page, "/operator/provider/secret", reason="はじめての鍵")
    expect(page.locator(".secret")).to_contain_text("whsec_")
    look_at(page)


@pytest.mark.parametrize(
    ("picture", "sample", "check_digit", "said"),
    [("9||9", "", "", ".error-text"), ("", "1", "", ".success-text"), ("", "1", "m10w3", ".error-text")],
)
@pytest.mark.parametrize("page", ["ja"], indirect=True)
def test_what_is_filled_before_the_script_has_come_is_answered(page, picture, sample, check_digit, said):
    with scripts_held(page):
        page.goto(f"/operator/provider/settings?id={LIBRARY}", wait_until="commit")
        page.fill("#picture", picture)
        page.select_option("#check_digit", check_digit)
        page.fill("#sample", sample)
    expect(page.locator(f"#picture-check {said}")).to_be_visible()


def test_a_terminal_from_its_codes_to_its_end(page):
    page.goto(f"/operator/provider/terminals?id={LIBRARY}")
    look_at(page)
    press(page, "/operator/provider/terminals", name="1階受付", reason="開館")
    expect(page.locator(".code__value")).to_have_count(2)
    look_at(page)
    page.emulate_media(media="print")
    expect(page.locator(".sheet :is(.code__value, .qr)")).to_have_count(4)
    expect(page.locator("main > :visible")).to_have_count(1)
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")
    origin, code = page.evaluate("location.origin"), page.locator(".code__value").nth(1).text_content()
    expected = [f"{origin}/bridge", f"{origin}/reception/enrol#{code.replace('-', '').strip()}"]
    assert [read_back(each)[0] for each in page.locator(".sheet .qr").all()] == expected
    tablet = page.context.browser.new_context().new_page()
    tablet.goto(expected[1])
    expect(tablet.locator("#enrolment_code")).to_have_value(expected[1].partition("#")[2])
    assert tablet.url == f"{origin}/reception/enrol"
    tablet.click("main button")
    tablet.wait_for_url("**/reception")
    tablet.context.close()
    page.locator('form[action$="/settings"] [name="name"]').fill("2階受付")
    page.fill("#reason-settings", "引っ越し")
    page.click('form[action$="/settings"] button')
    expect(page.locator("h1")).to_have_text("2階受付")
    expect(page.get_by_role("status")).to_be_focused()
    for template, told in (
        ("http://ils.example.jp/{service_id}", ".notice--error"),
        ("https://ils.example.jp/{service_id}", "#message:focus"),
    ):
        page.fill("#handoff_link", template)
        page.fill("#reason-handoff-link", "貸出窓口")
        page.click('form[action$="/handoff-link"] button')
        page.wait_for_selector(told)
        look_at(page)
    page.locator('form[action$="/revocation"] [name="reason"]').fill("盗まれた")
    page.locator('form[action$="/revocation"] button').click()
    expect(page.locator(".stopped")).to_be_visible()
    look_at(page)
    page.goto(f"/operator/provider/terminals?id={LIBRARY}")
    look_at(page)


def test_the_table_and_the_webhook_messages(portal, page):
    page.goto("/operator/table")
    look_at(page)
    press(page, "/operator/table", sought="1C2410DF79DGEL", reason="本人からの問い合わせ 3号")
    expect(page.locator("tbody tr")).to_have_count(2)
    look_at(page)
    facts = {"service_provider_id": LIBRARY, "body": "{}", "made_at": NOW - timedelta(days=1)}
    with portal.app.app_context():
        for number, (answer, due) in enumerate((("503 Service Unavailable", None), ("no answer", NOW))):
            message = WebhookMessage(message_id=f"msg_{number}", due_at=due, answer=answer, tries=7 - number, **facts)
            db.session.add(message)
        db.session.commit()
    page.goto(f"/operator/provider/webhook-messages?id={LIBRARY}")
    look_at(page)
    press(page, "/operator/provider/webhook-messages", reason="直したので")
    expect(page.locator(".stopped")).to_have_count(0)


def test_somebody_is_invited_and_leaves(portal, page, new_browser):
    page.goto("/operator/staff")
    look_at(page)
    press(page, "/operator/staff", name="窓口 次郎", reason="採用 3号")
    expect(page.locator(".notice--error code")).to_have_text("staff-without-role")
    look_at(page)
    page.check("#role-clerk")
    page.check("#role-operator")
    press(page, "/operator/staff")
    expect(page.locator("form[data-passkey] button")).to_be_visible()
    look_at(page)
    page.click("form[data-passkey] button")
    expect(page.get_by_role("status")).to_be_focused()
    look_at(page)
    [link] = read_back(page.locator(".sheet .qr"))
    page.emulate_media(media="print")
    expect(page.locator("main > :visible")).to_have_count(1)
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")
    theirs = new_browser(portal).new_page()
    plug_in_authenticator(theirs)
    enrol(theirs, link)
    expect(theirs.locator("h1")).to_have_text("きょうのようす")
    page.goto(page.url)
    expect(page.locator(".sheet")).to_have_count(0)
    look_at(page)
    page.fill("#reason-link", "機器をなくした")
    page.check("#forget")
    page.click('form[action$="/link"] button')
    look_at(page)
    page.click("form[data-passkey] button")
    expect(page.locator(".sheet")).to_be_visible()
    page.fill("#reason-roles", "担当替え")
    page.uncheck("#role-operator")
    page.click('form[action$="/roles"] button')
    look_at(page)
    page.click("form[data-passkey] button")
    page.wait_for_selector("#message:focus")
    page.fill("#reason-suspension", "退職")
    page.click('form[action$="/suspension"] button')
    expect(page.locator(".stopped")).to_be_visible()
    look_at(page)
    page.goto("/operator/staff")
    expect(page.locator("tbody tr")).to_have_count(2)
    look_at(page)
    page.get_by_role("link", name="運営 一郎").click()  # oneself
    expect(page.locator('form[action$="/suspension"]')).to_have_count(0)
    look_at(page)
