"""仮登録 in a real browser: typed, checked while typing, reserved, and its slip read back by a machine."""

from base64 import b64encode

import pytest
import zxingcpp
from playwright.sync_api import expect

from tests.e2e.browser import launch_link, pairing_code, ready, say_first, scripts_held, start, type_digits
from tests.e2e.other_bridge import follow, pair

RESERVED = "正常に仮登録されました。"


@pytest.fixture
def portal(serve):
    """Serve a portal whose operator is reached in every way, which is on paper too."""
    told = {"address": "例示県例示市中央1-2-3　市民課", "telephone": "03-1234-5678", "hours": "平日 8時30分〜17時15分"}
    settings = {f"operator_{name}": value for name, value in told.items()}
    return serve(operator_mail="mykey@city.example.jp", **settings)


@pytest.fixture
def forms(page, portal, card):
    """Come to both forms with the card read."""
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    say_first(page)
    return page


def reserve(page, typed):
    page.fill("#mykey_id", typed)
    page.click('form[action="/registration/reservation"] button')
    return page.get_by_role("status")


def test_a_citizen_reserves_an_id_and_the_slip_can_be_read_back(page, browser, card, portal):
    opened = browser.new_page()
    opened.goto(follow(launch_link(start(page)), card))
    say_first(opened)
    expect(reserve(opened, "ｙａｍａｄａ hana 1122")).to_have_text(RESERVED)
    expect(opened.locator(".identifier")).to_have_text("YAMADAHANA1122")
    opened.get_by_role("link", name="受付票を見る・印刷する").click()
    ready(opened)
    number = opened.locator(".slip__number").inner_text()
    assert read_back(opened.locator(".qr")) == [f"{portal.origin}/counter#{number.replace('-', '')}"]


def test_the_check_tells_while_typing_and_the_field_keeps_what_was_typed(forms):
    line = forms.locator("#mykey_id-check")
    wrong = line.get_by_text("14文字ではありません。")
    forms.locator("#mykey_id").press_sequentially("ｙａｍａ da", delay=20)
    expect(line.get_by_text("あと8文字")).to_be_visible()
    expect(wrong).to_be_hidden()
    button = forms.locator('form[action="/registration/reservation"] button')
    before = button.bounding_box()
    forms.locator("#mykey_id").blur()
    expect(wrong).to_be_visible()
    expect(line.get_by_text("あと8文字")).to_be_hidden()
    assert button.bounding_box() == before  # a press that leaves the field finds the button where it was
    forms.locator("#mykey_id").press("End")
    forms.locator("#mykey_id").press_sequentially("-")
    expect(line).to_contain_text("使えない文字")
    forms.locator("#mykey_id").press("Backspace")
    forms.locator("#mykey_id").press_sequentially("hana1122")
    expect(line).to_contain_text("この文字で仮登録します")
    expect(line.locator(".identifier")).to_have_text("YAMADAHANA1122")
    expect(forms.locator("#mykey_id")).to_have_value("ｙａｍａ dahana1122")
    forms.fill("#mykey_id", "")
    expect(line).to_be_empty()


def test_what_is_typed_before_the_script_has_come_is_answered(page, portal, card):
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    page.wait_for_url("**/registration")
    with scripts_held(page):
        say_first(page)
        page.locator("#mykey_id").press_sequentially("y")
    expect(page.locator("#mykey_id-check .error-text")).to_contain_text("14文字ではありません。")
    page.locator("#mykey_id").press_sequentially("amadahana1122")
    expect(page.locator("#mykey_id-check .identifier")).to_have_text("YAMADAHANA1122")


def test_what_was_refused_stays_and_both_ways_lead_on(forms):
    expect(reserve(forms, "system 12345678")).to_have_text("仮登録ができません")
    expect(forms.locator("#mykey_id")).to_have_value("system 12345678")
    forms.get_by_role("link", name="異なるマイキーIDを設定する").click()
    expect(forms.locator("#mykey_id")).to_be_focused()
    forms.go_back()
    expect(reserve(forms, "yamadahana1122")).to_have_text(RESERVED)
    forms.go_back()
    expect(forms.get_by_role("status")).to_have_text(RESERVED)
    expect(forms.locator(".identifier")).to_have_text("YAMADAHANA1122")


def test_without_javascript_it_is_the_same(new_browser, portal, card):
    page = start(new_browser(portal, java_script_enabled=False).new_page())
    digits = pair(portal.origin, pairing_code(page), card)
    page.reload()
    type_digits(page, digits)
    say_first(page)
    expect(reserve(page, "system")).to_have_text("仮登録ができません")
    expect(page.locator("#mykey_id-check")).to_contain_text("14文字ではありません。")
    expect(reserve(page, "yamadahana1122")).to_have_text(RESERVED)
    page.goto("/account/slip")
    expect(page.locator("[data-print]")).to_be_hidden()


def test_the_slip_fits_one_sheet_and_the_stop_code_is_printed_without_the_id(forms):
    expect(reserve(forms, "yamadahana1122")).to_have_text(RESERVED)
    forms.emulate_media(media="print")
    expect(forms.locator("main .identifier")).to_be_hidden()
    expect(forms.locator(".code__value").last).to_be_visible()
    forms.goto("/account/slip")
    assert forms.pdf(format="A4").count(b"/Type /Page\n") == 1


def read_back(drawing):
    """Read a QR code from the pixels that Chromium shows; Chromium itself unpacks them."""
    png = b64encode(drawing.screenshot()).decode()
    width, height, pixels = drawing.page.evaluate(UNPACK, png)
    image = memoryview(bytes(pixels)).cast("B", shape=[height, width])
    return [code.text for code in zxingcpp.read_barcodes(image)]


UNPACK = """async png => {
  const image = await createImageBitmap(new Blob([Uint8Array.from(atob(png), letter => letter.charCodeAt(0))]));
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const colours = context.getImageData(0, 0, image.width, image.height).data;
  return [image.width, image.height, Array.from(colours.filter((_, at) => at % 4 === 0))];
}"""
