"""The demo as a newcomer meets it: `python -m demo` and a real Chromium, two tabs side by side."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import PHONE, look_at
from tests.e2e.demo.running import RunningDemo

NO_CARD = ("カードがまだ置かれていません。", "カードを選んで、押してください")
PULLED_OUT = ("読み取りの途中でカードが離れました。", NO_CARD[1])
WRONG_PIN = ("暗証番号が違います。", "暗証番号が違います。")
LOCKED = ("暗証番号が使えません。", "暗証番号がロックされています。")


def test_a_newcomer_registers_and_the_card_signs_in_after_a_restart_and_a_locked_one_is_new(newcomer_at, tmp_path):
    with RunningDemo(tmp_path) as demo:
        newcomer = newcomer_at(demo).begin().sees(NO_CARD).insert("hanako")
        expect(newcomer.reader.locator("dl")).to_contain_text("マイキーIDを登録する")
        expect(newcomer.reader.locator("dl")).to_contain_text(demo.origin)
        match_code = newcomer.reader.locator(".consent__code").inner_text()
        expect(newcomer.portal.locator(".code__value")).to_have_text(match_code)
        newcomer.type_pin("1234")
        newcomer.reader.wait_for_url(f"{demo.origin}/registration")
        newcomer.sees(("続きは、新しく開いた画面にあります。", "前のカードで登録済み"))
        newcomer.press_register().sees(("この画面は閉じてかまいません。", "正常に登録されました。"))
        lock_taro(newcomer)
    with RunningDemo(tmp_path, MYKEY_DATABASE_URL="sqlite:///nowhere/at/all") as demo:
        newcomer = newcomer_at(demo).begin("sign-in").insert("taro")
        expect(newcomer.reader.locator("[data-tries-left='3']")).to_be_visible()
        newcomer.pull_out().insert("hanako").type_pin("1234")
        newcomer.reader.wait_for_url(f"{demo.origin}/account")
        expect(newcomer.reader.locator(".identifier").first).to_have_text("1C2410DF79DGEL")


def lock_taro(newcomer):
    """Type three wrong PINs, and see that the card stays locked."""
    newcomer.begin("sign-in").insert("taro").type_pin("0000").type_pin("0001").type_pin("0002")
    newcomer.reader.get_by_role("button", name="この暗証番号を送る").click()
    newcomer.sees(LOCKED).begin("sign-in").insert("taro").sees(LOCKED)


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("library", ("このカードは使えません。", "このカードは使えません。")),
        ("locked", LOCKED),
        ("face", ("顔認証マイナンバーカードは", "顔認証マイナンバーカードには暗証番号がない")),
        ("bare", ("利用者証明用電子証明書がありません。", "利用者証明用電子証明書が入っていません。")),
    ],
)
def test_a_card_that_cannot_be_used_says_so_on_both_pages(newcomer, card, sentence):
    newcomer.begin().insert(card).sees(sentence)


def test_an_expired_card_says_so_once_it_has_signed(newcomer):
    newcomer.begin().insert("expired").type_pin("1234")
    newcomer.sees(("この電子証明書は有効期間が終わっています。", "有効期間が過ぎています。"))


def test_a_wrong_pin_costs_a_try_and_the_right_one_gives_it_back(newcomer, demo):
    newcomer.begin().insert("taro").type_pin("12").sees(("", "残り回数は減っていません。"))
    newcomer.type_pin("0000").sees(WRONG_PIN)
    expect(newcomer.reader.locator("[data-tries-left='2']")).to_be_visible()
    newcomer.type_pin("5678").reader.wait_for_url(f"{demo.origin}/registration")


def test_a_card_pulled_out_while_its_pin_is_asked_can_be_put_back(newcomer, demo):
    newcomer.begin().insert("taro")
    expect(newcomer.portal.locator(".notice--warning")).to_have_count(0)
    newcomer.pull_out().sees(PULLED_OUT).insert("taro")
    newcomer.sees(("読み取りプログラムとつながりました", "残り回数は減っていません。暗証番号をもう一度"))
    expect(newcomer.portal.locator(".notice--warning")).to_have_count(0)
    newcomer.type_pin("5678").reader.wait_for_url(f"{demo.origin}/registration")


def test_who_cancels_at_the_reader_reads_so_on_both_pages(newcomer):
    newcomer.begin().insert("taro").reader.get_by_role("button", name="中止する").click()
    newcomer.sees(("読み取りプログラムで中止しました。何も変わっていません。", "中止しました。"))


def test_the_terminal_says_that_it_is_a_demo_in_both_languages(demo):
    assert "本物のマイナンバーカードの暗証番号は、絶対に入力しないでください。" in demo.said
    assert "Never type the PIN of a real My Number card" in demo.said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing_and_nothing_is_cut_off(newcomer_at, demo, language):
    newcomer = newcomer_at(demo, language)
    steps = (
        newcomer.begin,
        lambda: newcomer.insert("library"),
        lambda: newcomer.insert("taro"),
        lambda: newcomer.type_pin("12"),
        lambda: newcomer.reader.locator("form[action='/cancel'] button").click(),
    )
    for step in steps:
        step()
        look_at(newcomer.reader, sizes=(PHONE,))
        assert newcomer.reader.locator("html").get_attribute("lang") == language
