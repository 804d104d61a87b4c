"""A scanner at the reception app, in a real browser: keys faster than any hand, in a time that the test moves."""

from queue import Queue

import pytest
from playwright.sync_api import expect

STEP_2 = ".step:nth-child(2) .read__value"


@pytest.fixture
def desk(tablet, card):
    """Give a tablet at step 2 whose time stands still: how fast a scanner writes is not left to chance."""
    tablet.read()
    tablet.tap(card)
    tablet.page.wait_for_selector("#service_id")
    tablet.page.clock.install()
    tablet.page.reload()
    tablet.page.clock.pause_at(tablet.page.evaluate("Date.now() / 1000 + 1"))
    return Desk(tablet)


class Desk:
    def __init__(self, tablet):
        self.tablet, self.page, self.field = tablet, tablet.page, tablet.page.locator("#service_id")

    def writes(self, keys, each):
        """Write at no field, with so many milliseconds between two keys."""
        for key in keys:
            self.page.keyboard.type(key)
            self.page.clock.run_for(each)

    def rests(self):
        self.page.clock.run_for(300)

    def shows(self, text):
        expect(self.page.locator(STEP_2)).to_have_text(text)
        self.page.clock.run_for(1000)  # htmx settles


@pytest.mark.parametrize(
    ("came", "end", "kept"),
    [
        ("A000121B", "Tab", "000121"),
        ("A000121B", "Enter", "000121"),
        ("A000121B", None, "000121"),
        ("https://example.jp/member?number=" + "1" * 37, None, None),
    ],
)
def test_a_scan_ends_with_enter_with_tab_or_with_nothing_and_is_shown_whole(desk, came, end, kept):
    desk.writes(came, each=20)
    if end:
        desk.page.keyboard.press(end)
    else:
        desk.rests()
    desk.shows(kept or came)
    expect(desk.field).to_have_value("")
    expect(desk.page.locator("#message")).to_contain_text("" if kept else "サービスIDは64文字までです。")


def test_a_second_scan_takes_the_place_of_what_the_field_holds_and_a_hand_is_no_scanner(desk):
    desk.writes("0009", each=150)
    desk.rests()
    expect(desk.field).to_have_value("0009")
    desk.writes("000123", each=5)
    desk.page.keyboard.press("Enter")
    desk.shows("000123")
    on_its_way = Queue()
    desk.page.route("**/reception/service-id", lambda route: on_its_way.put(route), times=1)  # noqa: PLW0108
    desk.writes("000124", each=5)
    desk.page.keyboard.press("Enter")
    desk.writes("000125", each=5)
    while on_its_way.empty():
        desk.page.wait_for_timeout(10)
    on_its_way.get().continue_()
    desk.shows("000124")
    desk.rests()
    desk.shows("000125")


def test_a_scan_through_an_input_method_is_refused_in_words_and_its_enter_submits_nothing(desk):
    posted, came = [], "あ０００１２３４あ"
    desk.page.on("request", lambda request: posted.append(request) if request.method == "POST" else None)
    desk.field.focus()
    cdp = desk.page.context.new_cdp_session(desk.page)
    for end in range(1, len(came) + 1):
        cdp.send("Input.imeSetComposition", {"text": came[:end], "selectionStart": end, "selectionEnd": end})
        desk.page.clock.run_for(20)
    desk.page.keyboard.press("Enter")
    assert posted == []
    desk.rests()
    desk.shows(came)
    desk.tablet.see("日本語入力をオフ")
