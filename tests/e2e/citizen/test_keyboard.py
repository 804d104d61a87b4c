"""A registration by the bare keyboard: each stop of the Tab key is seen, and what htmx puts in place loses no focus."""

from playwright.sync_api import expect

from tests.e2e.browser import REGISTERED, pairing_code, ready, see_state
from tests.e2e.other_bridge import pair

FOCUS = """() => {
    const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect()
    const ringed = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 3
    const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    return {name: each.outerHTML.slice(0, 120), seen: each !== document.body && ringed && inView}
}"""


def tab_to(page, selector):
    """Press Tab until the focus is there; at each stop it is seen."""
    wanted = page.locator(selector).first
    expect(wanted).to_be_visible()
    ready(page)
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        assert focus["seen"], (page.url, focus["name"])
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"{selector} was never reached on {page.url}")


def test_a_registration_by_the_bare_keyboard(page, portal, card):
    page.goto("/")
    tab_to(page, 'main a[href="/register"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/register")
    tab_to(page, "#agree")
    page.keyboard.press("Space")
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    see_state(page, "started")
    tab_to(page, 'a[href^="mykey-bridge:"]')
    with page.expect_response("**/state**"):
        pass
    ready(page)
    expect(page.locator('a[href^="mykey-bridge:"]')).to_be_focused()
    digits = pair(portal.origin, pairing_code(page), card)
    see_state(page, "answered")
    tab_to(page, '[name="completion_code"]')
    page.keyboard.type(digits)
    page.keyboard.press("Enter")
    page.wait_for_url("**/registration")
    tab_to(page, 'a[href="/registration?first=yes"]')
    page.keyboard.press("Enter")
    tab_to(page, "#mykey_id")
    page.keyboard.type("yamada")
    expect(page.locator("#mykey_id-check .unfinished__typing")).to_be_visible()
    expect(page.locator("#mykey_id")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#mykey_id-check .error-text")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text(REGISTERED)
    expect(page.get_by_role("status")).to_be_focused()
