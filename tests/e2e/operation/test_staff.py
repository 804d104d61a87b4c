"""Staff make a passkey and sign in with it, in a real browser."""

from playwright.sync_api import expect

from tests.e2e.staff import add_staff, enrol, plug_in_authenticator, sign_in_staff


def press(page):
    page.click("form[data-passkey] button")


def message(page):
    return page.get_by_role("status")


def test_a_clerk_makes_a_passkey_by_the_link_and_signs_in_with_it_from_then_on(page, portal):
    sign_in_staff(portal, page)
    expect(page.locator("main")).to_contain_text("窓口 花子")
    page.get_by_role("button", name="サインアウトする").click()
    page.goto("/staff/sign-in")
    press(page)
    page.wait_for_url("**/staff")
    expect(page.locator("main")).to_contain_text("窓口 花子")


def test_the_first_operator_gives_a_name_makes_a_passkey_and_is_signed_in(page, portal):
    plug_in_authenticator(page)
    with portal.app.app_context():
        token = portal.app.extensions["mykey"].staff.set_up()
    page.goto(f"/staff/enrol#{token}")
    page.wait_for_url("**/staff/name")
    page.get_by_label("職員の名前").fill("運営 一郎")
    page.get_by_role("button", name="次へ進む").click()
    page.wait_for_url("**/staff/passkey")
    expect(page.locator("main")).to_contain_text("運営 一郎")
    press(page)
    page.wait_for_url("**/operator/first-steps")
    page.goto("/staff")
    expect(page.locator("main")).to_contain_text("運営 一郎")


def test_the_link_stays_neither_in_the_address_nor_in_the_history_nor_in_a_request(page, portal):
    asked = []
    portal.before = lambda environ: asked.append(environ["PATH_INFO"] + "?" + environ["QUERY_STRING"])
    plug_in_authenticator(page)
    link = add_staff(portal)
    enrol(page, link)
    token = link.partition("#")[2]
    assert not [address for address in asked if token in address]
    for _ in range(2):
        page.go_back()
        assert token not in page.url


def test_the_link_opened_again_says_that_it_was_used(page, portal, new_browser):
    plug_in_authenticator(page)
    link = add_staff(portal)
    enrol(page, link)
    late = new_browser(portal, "en").new_page()
    late.goto(link)
    expect(late.locator("h1")).to_have_text("This one-time link cannot be used.")


def test_a_clerk_who_stops_is_told_and_tries_again(page, portal):
    cdp, name = sign_in_staff(portal, page)
    page.goto("/staff/sign-in")
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    press(page)
    expect(message(page)).to_have_text("パスキーは使われませんでした。もう一度押してください。")
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": True})
    press(page)
    page.wait_for_url("**/staff")


def test_a_device_that_has_a_passkey_of_this_person_makes_no_second_one(page, portal):
    sign_in_staff(portal, page)
    with portal.app.app_context():
        staff = portal.app.extensions["mykey"].staff
        token = staff.new_link(staff.find("窓口 花子")[0].staff_id)
    page.goto(f"/staff/enrol#{token}")
    page.wait_for_url("**/staff/passkey")
    press(page)
    expect(message(page)).to_have_text("この機器には、もうあなたのパスキーがあります。")


def test_an_authenticator_that_cannot_verify_its_user_makes_no_passkey(page, portal):
    plug_in_authenticator(page, hasUserVerification=False, isUserVerified=False)
    page.goto(add_staff(portal))
    page.wait_for_url("**/staff/passkey")
    press(page)
    expect(message(page)).to_have_text("パスキーは使われませんでした。もう一度押してください。")


def test_a_browser_without_passkeys_is_told_so(browser):
    browser.add_init_script("delete window.PublicKeyCredential")
    page = browser.new_page()
    page.goto("/staff/sign-in")
    expect(message(page)).to_have_text("このブラウザーではパスキーが使えません。新しいブラウザーで開いてください。")
    expect(page.locator("form[data-passkey] button")).to_be_hidden()


def test_without_javascript_the_pages_say_what_is_missing(new_browser, portal):
    page = new_browser(portal, "en", java_script_enabled=False).new_page()
    for address in ("/staff/enrol#x", "/staff/sign-in"):
        page.goto(address)
        expect(page.locator("main")).to_contain_text(
            "To use a passkey, allow JavaScript in this browser.", use_inner_text=True
        )
    expect(page.locator("main button")).to_be_hidden()


def test_a_clerk_suspended_at_work_is_refused_at_the_next_page(page, portal):
    sign_in_staff(portal, page)
    with portal.app.app_context():
        staff = portal.app.extensions["mykey"].staff
        staff.suspend(staff.find("窓口 花子")[0].staff_id)
    page.goto("/staff")
    expect(page.locator("h1")).to_have_text("この職員は、いま利用を止められています。")
