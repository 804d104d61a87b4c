"""axe finds nothing on any page of the counter, in either language, on a desk or a tablet; and nothing is cut off."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from portal.domain.errors import StaffReview
from portal.domain.roles import Role
from portal.extensions import db
from tests.e2e.axe import DESK, LOOKED_AT, TABLET, look_at
from tests.e2e.browser import launch_link, see_state
from tests.e2e.other_bridge import follow
from tests.e2e.staff import sign_in_staff
from tests.portal.actors.at_counter import NEW_NAME, OLD_NAME
from tests.portal.counter.test_correspondence_files import UNKNOWN, file

BOTH_ROLES = (Role.CLERK, Role.OPERATOR)


@pytest.fixture(params=LOOKED_AT)
def new_page(request, portal, new_browser):
    """Sign somebody in who is clerk and operator, each at a browser of their own."""

    def open_page(name):
        page = new_browser(portal, request.param).new_page()
        sign_in_staff(portal, page, name, BOTH_ROLES)
        return page

    return open_page


@pytest.fixture
def page(new_page):
    return new_page("窓口 花子")


def press(page, act):
    page.click(f'form[action$="/{act}"] button')
    page.wait_for_load_state()


def begin(page):
    """Open a visit of who was found, and say by what they were identified."""
    page.locator("main .panel button").first.click()
    page.check("#identity-passport")
    press(page, "identity")


def search(page, typed):
    page.goto("/counter")
    page.fill("#typed", typed)
    page.get_by_role("search").get_by_role("button").click()
    page.wait_for_selector("#found, #typed-error")


def read(page, purpose, card):
    page.click(f'form:has(input[value="counter-{purpose}"]) button')
    see_state(page, "started")
    page.goto(follow(launch_link(page), card))
    page.wait_for_url("**/counter/visits/*")


def test_a_visit_from_the_slip_to_its_end(town, new_page, card_of, clock):
    old, new = town.card(), town.reissued()
    town.register(old)
    town.register(town.card(f"{OLD_NAME[:14]}13101001A", 1))
    receipt = town.reserve(old)
    clock.forward(days=1)
    page = new_page("窓口 花子")
    page.goto("/counter")
    look_at(page)
    for typed in ("nobody", OLD_NAME[:14]):
        search(page, typed)
        look_at(page)
    page.goto("/reviews")
    page.goto(f"/counter#{receipt}")
    page.wait_for_selector("main .panel")
    assert page.url.endswith("/counter")
    page.locator("main .panel button").first.click()
    look_at(page)
    press(page, "identity")
    expect(page.locator("#identity-error")).to_be_focused()
    look_at(page)
    page.check("#identity-passport")
    press(page, "identity")
    look_at(page)
    read(page, "before", card_of(*old))
    look_at(page)
    read(page, "after", card_of(*town.reissued(NEW_NAME)))
    look_at(page)
    page.goto(f"{page.url}?step=new-card")
    read(page, "after", card_of(*new))
    look_at(page)
    easy = page.locator("html.easy").count()  # whose readings take more room; no clerk works in it
    for size in () if easy else (DESK, TABLET):
        page.set_viewport_size(size)
        act = page.locator('form[action$="/completion"] button').bounding_box()
        assert act["y"] + act["height"] <= size["height"], size
    press(page, "completion")
    page.wait_for_selector(".message-line--success")
    look_at(page)
    page.goto("/counter/guide")
    look_at(page)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_clerks_document_is_two_pages_of_paper_and_it_alone_is_small(portal, new_browser, language):
    page = new_browser(portal, language).new_page()
    page.goto("/help/clerk")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 2
    page.emulate_media(media="print")
    sizes = [page.locator("main").evaluate("each => getComputedStyle(each).fontSize")]
    page.goto("/help/library")
    sizes.append(page.locator("main").evaluate("each => getComputedStyle(each).fontSize"))
    assert sizes == [f"{points * 96 / 72:g}px" for points in (9.25, 12)]


def test_a_visit_that_another_clerk_approves(town, new_page, card_of, clock):
    old = town.card()
    town.stop(town.register(old))
    clock.forward(days=1)
    page = new_page("窓口 花子")
    search(page, OLD_NAME[:14])
    look_at(page)
    begin(page)
    look_at(page)
    page.click('main a[href*="step=new-card"]')
    look_at(page)
    read(page, "after", card_of(*town.reissued(NEW_NAME)))
    look_at(page)
    press(page, "completion")
    expect(page.locator("#reason")).to_be_focused()
    look_at(page)
    page.fill("#reason", "x")
    press(page, "completion")
    look_at(page)
    other = new_page("窓口 太郎")
    other.goto(page.url)
    look_at(other)
    page.goto("/counter")
    look_at(page)
    search(page, OLD_NAME[:14])
    begin(page)
    read(page, "before", card_of(*old))
    look_at(page)


def test_a_visit_that_would_end_the_time_to_object(town, new_page, card_of, clock):
    old = town.card()
    town.register(old)
    clock.forward(hours=2)
    town.move_elsewhere(old, town.reissued(NEW_NAME))
    page = new_page("窓口 花子")
    search(page, NEW_NAME[:14])
    begin(page)
    look_at(page)
    page.click('main a[href*="step=new-card"]')
    read(page, "after", card_of(*town.reissued("7K0M93QX5TBR2W", 2, issued=timedelta(hours=2))))
    expect(page.locator(".notice--warning")).to_have_count(2)
    look_at(page)
    page.fill("#reason", "x")
    press(page, "completion")
    look_at(page)


def test_the_review_queue(portal, town, page):
    page.goto("/reviews")
    look_at(page)
    with portal.app.app_context():
        for about, facts in (("abc:1f", {}), ("def:2f", {"file": "2026-11.csv", "line": "17"})):
            town.services.review_queue.open(StaffReview("mykey-id-conflict", about, **facts))
        db.session.commit()
    page.goto("/reviews")
    look_at(page)
    page.locator("main form button").first.click()
    page.wait_for_selector(".error-text")
    look_at(page)


def test_correspondence_files(page, new_page):
    def load(content):
        page.goto("/correspondence")
        page.set_input_files("#file", {"name": "2026-11.csv", "mimeType": "text/csv", "buffer": content})
        page.click('form[action="/correspondence"] button')

    page.goto("/correspondence")
    look_at(page)
    load(b"x")
    page.wait_for_selector(".notice--error")
    look_at(page)
    load(file(f"{UNKNOWN},1,{UNKNOWN},2", f"{UNKNOWN},3,{UNKNOWN},3"))
    page.wait_for_url("**/correspondence/*")
    look_at(page)
    other = new_page("窓口 太郎")
    other.goto("/correspondence")
    look_at(other)
    other.goto(page.url)
    look_at(other)
