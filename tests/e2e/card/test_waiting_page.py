"""The waiting page keeps step with the bridge, in the citizen's language."""

from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import expect

from tests.conftest import NOW
from tests.e2e.axe import look_at
from tests.e2e.browser import launch_link, pairing_code, see_state, start
from tests.e2e.other_bridge import Refused, claim, follow, parts_of, tell

LANGUAGES = ("ja", "en")
PASSING = {
    "no-reader": ("カードリーダーが見つかりません。", "No card reader was found."),
    "reader-busy": ("ほかのプログラムがカードを使っています。", "Another program is using the card."),
    "no-card": ("カードがまだ置かれていません。", "There is no card on the card reader yet."),
    "card-unreadable": ("カードを読み取れません。", "We cannot read the card."),
    "card-removed": ("読み取りの途中でカードが離れました。", "The card was moved while it was being read."),
    "card-not-supported": ("このカードは使えません。", "This card cannot be used."),
    "pin-incorrect": ("暗証番号が違います。", "The PIN is wrong."),
}
FINAL = {
    "certificate-absent": ("利用者証明用電子証明書がありません。", "has no user authentication certificate."),
    "pin-blocked": ("暗証番号が使えません。", "The PIN of the user authentication certificate cannot be used."),
    "cancelled": (
        "読み取りプログラムで中止しました。何も変わっていません。",
        "You cancelled in the card reader app. Nothing has changed.",
    ),
    "internal": ("こちらの不具合で、続けられませんでした。", "Something went wrong on our side."),
}
REFUSED = {
    "certificate-expired": "この電子証明書は有効期間が終わっています。",
    "certificate-not-trusted": "この電子証明書の発行者を確かめられませんでした。",
    "certificate-wrong-kind": "これは利用者証明用電子証明書ではありません。",
    "signature-invalid": "カードの署名を確かめられませんでした。",
}


@pytest.fixture
def begin(new_browser, portal):
    """Come to the waiting page and claim; time there passes only when we say so."""

    def claimed(language="ja"):
        page = new_browser(portal, language).new_page()
        page.clock.install()
        origin, handle = parts_of(launch_link(start(page)))
        held = claim(origin, {"handle": handle})
        poll(page)
        see_state(page, "claimed")
        expect(page.locator(".code__value")).to_have_text(held["match_code"])
        return page, held

    return claimed


def poll(page):
    page.clock.fast_forward(1000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_passing_problem_is_shown_and_taken_back(begin, portal, language):
    page, held = begin(language)
    for code, sentences in PASSING.items():
        tell(portal.origin, held, code)
        poll(page)
        expect(page.get_by_text(sentences[LANGUAGES.index(language)])).to_be_visible()
        tell(portal.origin, held, "resolved")
        poll(page)
        expect(page.locator("#card-session .notice")).to_have_count(0)
        see_state(page, "claimed")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FINAL)
def test_a_final_problem_ends_it_and_offers_a_new_start(begin, portal, language, code):
    page, held = begin(language)
    tell(portal.origin, held, code)
    poll(page)
    see_state(page, "ended")
    expect(page.locator("#card-session .notice")).to_contain_text(FINAL[code][LANGUAGES.index(language)])
    page.click("#card-session form[action$='/again'] button")
    see_state(page, "started")


@pytest.mark.parametrize("code", REFUSED)
def test_a_card_that_the_portal_refuses_is_named_on_the_page(page, authority, keys, card, card_of, code):
    key = keys[0]
    days = {"not_before": NOW - timedelta(days=9), "not_after": NOW + timedelta(days=9)}
    wrong = {
        "certificate-expired": lambda: authority.issue(
            public_key=key.public_key(), not_before=days["not_before"], not_after=NOW - timedelta(days=1)
        ),
        "certificate-not-trusted": lambda: type(authority).create(**days).issue(public_key=key.public_key()),
        "certificate-wrong-kind": lambda: authority.issue_signing(public_key=key.public_key(), **days),
    }
    mine = card_of(wrong[code](), key) if code in wrong else card | {"exponent": card["exponent"] - 2}
    link = launch_link(start(page))
    with pytest.raises(Refused, match=code):
        follow(link, mine)
    see_state(page, "ended")
    expect(page.get_by_text(REFUSED[code])).to_be_visible()


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "中止しました。何も変わっていません。"), ("en", "Cancelled. Nothing has changed.")]
)
def test_the_citizen_cancels(new_browser, portal, language, said):
    page = start(new_browser(portal, language).new_page())
    origin, handle = parts_of(launch_link(page))
    page.click("form[action$='/cancel'] button")
    see_state(page, "ended")
    expect(page.locator("#card-session .notice")).to_contain_text(said)
    with pytest.raises(Refused, match="card-session-ended"):
        claim(origin, {"handle": handle})


@pytest.mark.parametrize(("language", "said"), [("ja", "時間が過ぎた"), ("en", "You have run out of time")])
def test_time_runs_out(new_browser, portal, clock, language, said):
    page = start(new_browser(portal, language).new_page())
    code = pairing_code(page)
    clock.forward(minutes=5, seconds=1)
    see_state(page, "ended")
    expect(page.locator("#card-session .notice")).to_contain_text(said)
    with pytest.raises(Refused, match="card-session-expired"):
        claim(portal.origin, {"pairing_code": code})


def test_a_line_that_drops_each_third_poll_ends_as_it_should(page, portal):
    origin, handle = parts_of(launch_link(start(page)))
    polls = count(1)
    page.route("**/state*", lambda route: route.fallback() if next(polls) % 3 else route.abort())
    held = claim(origin, {"handle": handle})
    for code in ("no-reader", "no-card", "cancelled"):
        tell(portal.origin, held, code)
        expect(page.get_by_text((PASSING | FINAL)[code][0])).to_be_visible()
    assert next(polls) > 3
    see_state(page, "ended")
    expect(page.locator(".line")).to_be_empty()


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "返事がありません。"), ("en", "This site has not answered since")]
)
def test_a_portal_that_stopped_is_told_of_and_the_page_goes_on_when_it_is_back(begin, portal, language, said):
    page, _ = begin(language)
    portal.stop()
    with page.expect_event("requestfailed"):
        poll(page)
    expect(page.locator(".line")).to_be_empty()
    with page.expect_event("requestfailed"):
        poll(page)
    expect(page.locator(".line")).to_contain_text(said)
    expect(page.locator(".line")).to_be_in_viewport(ratio=1)
    look_at(page)
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for _ in range(9):
        poll(page)
    assert len(failed) < 5  # less often than each second
    portal.listen()
    page.click("form[action$='/cancel'] button")
    see_state(page, "ended")


def test_a_portal_that_is_back_is_heard_without_a_hand(begin, portal):
    page, held = begin()
    portal.stop()
    for _ in range(2):
        with page.expect_event("requestfailed"):
            poll(page)
    portal.listen()
    tell(portal.origin, held, "cancelled")
    page.clock.fast_forward(10_000)
    see_state(page, "ended")
    expect(page.locator(".line")).to_be_empty()
