"""Nobody loses what was typed because five minutes are over."""

import pytest
from playwright.sync_api import expect

from tests.conftest import VALID
from tests.e2e.axe import look_at
from tests.e2e.browser import launch_link, press_register, ready, say_first, see_state, start
from tests.e2e.other_bridge import follow


@pytest.fixture
def forms(new_browser, portal, card):
    """Come to the draft's forms; time passes only when we say so."""

    def shown(language="ja", **options):
        page = new_browser(portal, language, **options).new_page()
        page.clock.install()
        page.goto(follow(launch_link(start(page)), card))
        say_first(page)
        return page

    return shown


@pytest.mark.parametrize(("language", "soon", "more"), [("ja", "まもなく", "延ばす"), ("en", "running out", "Add")])
def test_what_is_typed_stays_while_the_time_is_prolonged(forms, clock, language, soon, more):
    page = forms(language)
    expect(page.locator('[data-time-left="calm"]')).to_be_visible()
    page.fill("#mykey_id", "ABC")
    ready(page)
    clock.forward(minutes=3)
    page.clock.fast_forward("03:00")
    warning = page.locator('[data-time-left="soon"]')
    expect(warning).to_contain_text(soon)
    expect(warning).to_be_in_viewport(ratio=1)
    warning.get_by_role("button", name=more).click()
    expect(page.locator('[data-time-left="calm"]')).to_be_visible()
    expect(page.locator("#mykey_id")).to_have_value("ABC")


@pytest.fixture
def too_late(forms, clock):
    """Type an ID until the time is over, and come to the page that reads a card again."""
    page = forms()
    page.fill("#mykey_id", "yamada hana")
    expect(page.locator('[data-time-left="calm"]')).to_be_visible()
    for minutes, said in ((3, "soon"), (2, "over")):
        ready(page)
        clock.forward(minutes=minutes)
        page.clock.fast_forward(minutes * 60 * 1000)
        expect(page.locator(f'[data-time-left="{said}"]')).to_be_visible()
    page.locator('[data-time-left="over"] button').click()
    see_state(page, "started")
    return page


def test_when_it_is_over_the_page_says_so_by_itself_and_what_was_typed_comes_back_with_the_card(too_late, card):
    too_late.goto(follow(launch_link(too_late), card))
    expect(too_late.locator("#mykey_id")).to_have_value("yamada hana")
    expect(too_late.locator('[data-time-left="calm"]')).to_be_visible()


def test_who_reads_another_card_in_that_tab_gets_nothing_of_it(too_late, authority, keys, card_of):
    other = card_of(authority.issue("9Z8Y7X6W5V4U3T13221003A", public_key=keys[1].public_key(), **VALID), keys[1])
    too_late.goto(follow(launch_link(too_late), other))
    say_first(too_late)
    ready(too_late)
    expect(too_late.locator("#mykey_id")).to_have_value("")
    assert too_late.evaluate("sessionStorage.getItem('mykey-form')") is None


def test_on_my_page_a_press_is_enough_to_stay_and_who_does_not_is_told(page, card, clock):
    page.clock.install()
    page.goto(follow(launch_link(start(page)), card))
    press_register(page)
    page.goto("/account")
    expect(page.locator('[data-time-left="calm"]')).to_contain_text("サインインが終わります")
    for minutes, said in ((28, "soon"), (2, "over")):
        ready(page)
        clock.forward(minutes=minutes)
        page.clock.fast_forward("00:30")
        expect(page.locator(f'[data-time-left="{said}"]')).to_be_in_viewport(ratio=1)
        if said == "soon":
            look_at(page)
            page.get_by_role("button", name="サインインを続ける").click()
            expect(page.locator('[data-time-left="calm"]')).to_be_visible()
            clock.forward(minutes=28)


def test_without_javascript_a_tab_beside_it_gives_more_time(new_browser, portal, clock):
    page = new_browser(portal, java_script_enabled=False).new_page()
    start(page)
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="残りの時間を見る").click()
    clock.forward(minutes=3)
    opened.value.reload()
    opened.value.get_by_role("button", name="5分延ばす").click()
    expect(opened.value.locator('[data-time-left="calm"]')).to_be_visible()
