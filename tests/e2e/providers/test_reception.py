"""The reception app on a tablet in a real browser: touch, scanner, polls, and a portal that goes away."""

from functools import partial

import pytest
from playwright.sync_api import expect

from portal.domain.providers import FirstLinks
from portal.domain.roles import Role
from portal.extensions import db
from tests.e2e.axe import LOOKED_AT, look_at
from tests.e2e.staff import enrol, plug_in_authenticator
from tests.e2e.tablets import REGISTER, TOUCH, Tablet, choose, lock, start_over
from tests.portal.actors.tablet import UID
from tests.portal.actors.town import LIBRARY, TARO

MYKEY_ID = "1C2410DF79DGEL"


def test_three_steps_by_touch_and_the_page_follows_each_tap(tablet, card):
    tablet.read()
    tablet.tap(card)
    tablet.see(MYKEY_ID)
    tablet.read("service-card")
    tablet.tap(UID)
    tablet.see(UID)
    tablet.press(REGISTER)
    tablet.see("正常に登録されました。", "#message")
    start_over(tablet.page)
    expect(tablet.page.locator("#reception-state")).not_to_contain_text(MYKEY_ID)


def test_a_scanner_finds_its_field_by_itself_and_its_next_scan_is_no_continuation(tablet, card):
    with tablet.portal.app.app_context():
        tablet.town.services.service_providers.known(LIBRARY).picture = "999999"
        db.session.commit()
    tablet.read()
    tablet.tap(card)
    tablet.page.wait_for_selector("#service_id")
    for typed, seen in (("A12B", "サービスIDとして使えない番号です。"), ("A000123B", "000123")):
        tablet.scan(typed)
        tablet.page.keyboard.press("Enter")
        tablet.see(seen)
    expect(tablet.page.locator(".step:nth-child(2) .read__value")).to_have_text("000123")


def test_a_scan_whose_last_key_comes_when_a_message_has_the_focus_counts(tablet, card):
    tablet.read()
    tablet.tap(card)
    tablet.page.wait_for_selector("#service_id")
    tablet.scan("000123")
    tablet.page.evaluate("document.activeElement.blur()")
    tablet.page.keyboard.press("Enter")
    expect(tablet.page.locator(".step:nth-child(2) .read__value")).to_have_text("000123")


def test_what_is_being_typed_outlives_the_end_of_the_waiting(tablet, card, clock):
    tablet.read()
    tablet.tap(card)
    tablet.page.wait_for_selector("#service_id")
    tablet.read("service-card")
    tablet.type("0001")
    clock.forward(seconds=31)
    tablet.see("カードは読み取られませんでした。")
    tablet.type("23")
    tablet.page.keyboard.press("Enter")
    expect(tablet.page.locator(".step:nth-child(2) .read__value")).to_have_text("000123")


def test_a_look_up_is_shown_large_and_copied(tablet, card):
    tablet.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tablet.town.link(card, LIBRARY, "000123")
    tablet.press(".tabs form:nth-child(2) button")
    tablet.page.wait_for_url("**/reception/inquiry")
    tablet.read("inquiry")
    tablet.tap(card)
    expect(tablet.page.locator(".found__value")).to_have_text("000123")
    tablet.press("[data-copy]")
    expect(tablet.page.locator("[data-copy]")).to_have_text("コピーしました")
    assert tablet.page.evaluate("navigator.clipboard.readText()") == "000123"


def test_a_terminal_that_stays_armed_follows_tap_after_tap(portal, town, new_browser, card):
    tablet = Tablet(portal, town, new_browser(portal, **TOUCH).new_page(), stays_armed=True)
    other = town.card(TARO)
    town.register(other)
    town.link(card, LIBRARY, "000123")
    town.link(other, LIBRARY, "000999")
    tablet.press(".tabs form:nth-child(2) button")
    tablet.page.wait_for_selector(".read--asks")
    for tapped, service_id in ((card, "000123"), (other, "000999")):
        tablet.tap(tapped)
        expect(tablet.page.locator(".found__value")).to_have_text(service_id)


def test_a_terminal_that_stays_armed_hears_from_its_page(portal, town, new_browser, card, clock):
    tablet = Tablet(portal, town, new_browser(portal, **TOUCH).new_page(), stays_armed=True)
    town.link(card, LIBRARY, "000123")
    tablet.page.clock.install()
    tablet.press(".tabs form:nth-child(2) button")
    tablet.page.wait_for_selector(".read--asks")
    for _ in range(4):
        clock.forward(minutes=2)
        with tablet.page.expect_response("**/reception/end"):
            tablet.page.clock.fast_forward(121_000)
    tablet.tap(card)
    tablet.page.clock.run_for(1000)
    expect(tablet.page.locator(".found__value")).to_have_text("000123")


def test_a_portal_that_goes_away_is_told_keeps_what_is_there_and_is_found_again(tablet, card):
    tablet.read()
    tablet.tap(card)
    tablet.see(MYKEY_ID)
    tablet.page.context.set_offline(True)
    tablet.press('.read form:has([value="service-card"]) button')
    expect(tablet.page.locator(".line")).to_contain_text("このサイトの返事がありません")
    tablet.see(MYKEY_ID)
    tablet.page.context.set_offline(False)
    tablet.read("service-card")
    expect(tablet.page.locator(".line")).to_be_empty()
    tablet.tap(UID)
    tablet.see(UID)


@pytest.mark.parametrize("read", ["card", "inquiry"])
def test_a_page_that_is_left_forgets_even_if_the_portal_is_away(read, tablet, card):
    tablet.town.link(card, LIBRARY, "000123")
    with tablet.portal.app.app_context():
        link = "https://ils.example/{service_id}"
        tablet.town.services.terminals.set_handoff_link(tablet.terminal.terminal_id, link)
    if read == "inquiry":
        tablet.press(".tabs form:nth-child(2) button")
        tablet.page.wait_for_url("**/reception/inquiry")
    tablet.page.clock.install()
    tablet.page.reload()
    tablet.read(read)
    tablet.tap(card)
    tablet.page.clock.run_for(1000)
    tablet.see(MYKEY_ID if read == "card" else "000123")
    tablet.page.context.set_offline(True)
    tablet.page.clock.run_for(121_000)
    expect(tablet.page.locator("#reception-state")).not_to_contain_text(MYKEY_ID)
    assert "000123" not in tablet.page.inner_html("#reception-state")


def test_a_citizen_who_leaves_takes_the_language_away(tablet):
    tablet.press('a[href="/language/en"]')
    expect(tablet.page.locator("html")).to_have_attribute("lang", "en")
    tablet.page.clock.install()
    tablet.page.reload()
    tablet.read()
    start_over(tablet.page)  # who begins again is still there
    expect(tablet.page.locator("html")).to_have_attribute("lang", "en")
    tablet.page.clock.run_for(121_000)
    expect(tablet.page.locator("html")).to_have_attribute("lang", "ja")


def test_the_tablet_sounds_where_staff_let_it_and_remembers_that(tablet, card):
    page = tablet.page
    page.add_init_script(
        "window.tones = [];"
        "AudioScheduledSourceNode.prototype.start = function () { tones.push(this.frequency.value); };"
        "AudioScheduledSourceNode.prototype.stop = () => undefined;"
    )
    page.reload()
    tablet.read()
    tablet.tap(UID)
    tablet.see("これはサービスの利用カードです。")
    assert page.evaluate("tones") == []
    page.tap(".staff-menu summary")
    page.tap("#sound")
    page.wait_for_function("String(tones) === '880,1320'")
    page.reload()
    expect(page.locator("#sound")).to_be_checked()
    tablet.read()
    tablet.tap(UID)
    tablet.see("これはサービスの利用カードです。")
    page.wait_for_function("String(tones) === '220,220'")  # htmx tells of its swap a moment after it
    tablet.tap(card)
    tablet.see(MYKEY_ID)
    assert page.evaluate("tones") == [220, 220, 880, 1320]


def test_the_screen_is_kept_awake(tablet):
    page = tablet.page
    page.add_init_script(
        "window.asked = [];"
        "Object.defineProperty(navigator, 'wakeLock', {value: {request: async kind => asked.push(kind)}})"
    )
    page.reload()
    assert page.evaluate("asked") == ["screen"]
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # the browser lets go of it in between
    assert page.evaluate("asked") == ["screen", "screen"]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("revoke", "この画面は、どのサービス端末にも登録されていません。"),
        ("suspend", "このサービス提供者の利用は止められています。"),
    ],
)
def test_a_waiting_page_tells_by_itself_that_it_is_refused(act, words, tablet):
    tablet.read()
    services = tablet.town.services
    with tablet.portal.app.app_context():
        if act == "revoke":
            services.terminals.revoke(tablet.terminal.terminal_id)
        else:
            services.providers.suspend(LIBRARY)
    expect(tablet.page.locator("h1")).to_have_text(words)


def test_staff_unlock_with_a_passkey_and_do_not_stay_signed_in(tablet):
    page, services = tablet.page, tablet.town.services
    plug_in_authenticator(page)
    with tablet.portal.app.app_context():
        _, token = services.staff.add("運営 太郎", [Role.OPERATOR])
    enrol(page, f"{tablet.portal.origin}/staff/enrol#{token}")
    page.goto("/reception")
    lock(page)
    tablet.press("main a")
    tablet.press("form[data-passkey] button")
    page.wait_for_url("**/reception")
    page.goto("/staff")
    expect(page.locator("h1")).to_have_text("職員のサインインが必要です。")


def test_the_browser_finds_nothing_that_keeps_the_app_from_being_installed(tablet):
    cdp = tablet.page.context.new_cdp_session(tablet.page)
    manifest = cdp.send("Page.getAppManifest")
    errors = cdp.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert (manifest["errors"], [each for each in errors if each["errorId"] != "in-incognito"]) == ([], [])


def test_without_javascript_a_link_loads_the_state(portal, town, new_browser, card):
    tablet = Tablet(portal, town, new_browser(portal, **TOUCH, java_script_enabled=False).new_page())
    tablet.read()
    tablet.tap(card)
    tablet.press("noscript a")
    tablet.see(MYKEY_ID)
    tablet.page.fill("#service_id", "000123")
    tablet.page.press("#service_id", "Enter")
    tablet.press(REGISTER)
    tablet.see("正常に登録されました。")


@pytest.mark.parametrize("language", LOOKED_AT)
def test_axe_finds_nothing_in_any_state_at_any_size(language, portal, town, new_browser, card):
    page = new_browser(portal, language, **TOUCH).new_page()

    look = partial(look_at, page)
    for address in ("/reception", "/reception/enrol"):
        page.goto(address)
        look()
    tablet = Tablet(portal, town, page)
    choose(page, language)
    look()
    tablet.read()
    look()
    tablet.tap(card)
    tablet.see(MYKEY_ID)
    look()
    tablet.page.fill("#service_id", "あ１")
    tablet.page.press("#service_id", "Enter")
    page.wait_for_selector(".read--refused")
    look()
    for service_id in ("000123", "000124"):
        tablet.page.fill("#service_id", service_id)
        tablet.page.press("#service_id", "Enter")
        tablet.press(REGISTER)
        page.wait_for_selector("[tabindex='-1']#message")
        look()
        start_over(tablet.page)
        tablet.read()
        tablet.tap(card)
        tablet.see(MYKEY_ID)
    _confirmed_and_looked_up(tablet, town, look)
    page.tap(".staff-menu summary")
    look()
    page.tap(".staff-menu summary")
    lock(page)
    look()
    page.goto("/reception/unlocking")
    look()


def _confirmed_and_looked_up(tablet, town, look):
    """Look at a first link that waits, and at a look-up, with the form for a typed one."""
    other = town.card(TARO)
    town.register(other)
    with tablet.portal.app.app_context():
        provider = town.services.service_providers.known(LIBRARY)
        provider.first_links, provider.typed_mykey_ids = FirstLinks.CONFIRMED, True
        db.session.commit()
        town.services.terminals.set_handoff_link(tablet.terminal.terminal_id, "https://ils.example/{service_id}")
    tablet.read()
    tablet.tap(other)
    tablet.page.fill("#service_id", "000777")
    tablet.page.press("#service_id", "Enter")
    tablet.press(REGISTER)
    tablet.page.wait_for_selector("svg.qr")
    look()
    tablet.press(".tabs form:nth-child(2) button")
    tablet.page.fill("#mykey_id", MYKEY_ID)
    tablet.page.press("#mykey_id", "Enter")
    tablet.page.wait_for_selector(".found")
    look()
