"""受付アプリ: サービスID登録 in three steps, and マイキーID照会, on a tablet without JavaScript."""

import pytest

from portal.domain.providers import FirstLinks
from portal.extensions import db
from portal.models import AuditEntry
from portal.services.providers.enrolment import Enrolment
from portal.web.request_hooks import VERSION
from tests.portal.actors.card_holders import rows
from tests.portal.actors.tablet import UID, Tablet
from tests.portal.actors.town import LIBRARY, SHOP, TARO

MYKEY_ID = "1C2410DF79DGEL"
REGISTERED = "正常に登録されました。"
ALREADY = "既にサービスID登録済み"


def set_up(town, **changes):
    """Set the library up as its operator does."""
    with town.app.app_context():
        for name, value in changes.items():
            setattr(town.services.service_providers.known(LIBRARY), name, value)
        db.session.commit()


def test_three_steps_in_the_drafts_words(tablet, card):
    page = tablet.get("/reception")
    for words in (
        "手順1：あなたのマイキーIDを読み取ります。",
        "【読取】ボタンを押して、マイナンバーカードをICカードリーダーにかざしてください。",
        "手順2：登録するあなたのサービスIDを読み取ります。",
        "【読取】ボタンを押して、サービスの利用カードをリーダーにかざしてください。",
        "手順3：あなたのサービスID登録をしますので、【登録】ボタンを押してください。",
        "メッセージ",
    ):
        assert words in page.words
    tablet.read()
    assert MYKEY_ID in tablet.tap(card).words
    tablet.read("service-card")
    assert UID in tablet.tap(UID).words
    assert REGISTERED in tablet.register().words
    assert REGISTERED in tablet.register().words  # pressed twice
    page = tablet.look_up(card)
    assert (tablet.address, UID in page.words, MYKEY_ID in page.words) == ("/reception/inquiry", True, False)


def test_no_tap_counts_unless_the_page_asks(town, tablet, card, clock):
    other = Tablet(town)
    assert MYKEY_ID not in tablet.tap(card).words
    tablet.read()
    other.tap(card)
    assert MYKEY_ID not in tablet.get("/reception").words
    clock.forward(seconds=31)
    assert "カードは読み取られませんでした。" in tablet.tap(card).words
    tablet.read()
    wrong = "サービスの利用カードではなく"
    assert wrong in tablet.tap(UID).words
    clock.forward(seconds=31)
    page = tablet.get("/reception")
    assert ("カードは読み取られませんでした。" in page.words, wrong in page.words) == (True, False)
    for _ in range(2):
        tablet.read()
    assert MYKEY_ID in tablet.tap(card).words
    assert MYKEY_ID not in other.get("/reception").words


AWAY = "いま、カードを読み取れません。"


def test_the_page_tells_when_its_bridge_is_away_and_when_it_is_back(tablet, clock):
    for _ in range(3):
        clock.forward(seconds=30)
        assert tablet.be_present().status_code == 204
    clock.forward(seconds=74)
    assert (AWAY in tablet.get("/reception").words, tablet.poll().status_code) == (False, 204)
    clock.forward(seconds=1)
    told = tablet.poll().text
    assert (AWAY in told, "係の人に知らせてください。" in told) == (True, True)
    page = tablet.read()
    assert (AWAY in page.words, "もう一度【読取】" in page.words) == (True, False)
    tablet.be_present()
    assert AWAY not in tablet.poll().text


def test_what_is_told_of_a_citizens_own_step_goes_before_the_bridge(tablet, card, clock):
    tablet.link(card, "000123")
    clock.forward(seconds=80)
    page = tablet.get("/reception")
    assert (REGISTERED in page.words, AWAY in page.words) == (True, False)
    tablet.post("/reception/end", page="registration")
    assert "【登録】" in tablet.link(card, "000123").words


def test_a_page_of_another_version_is_loaded_anew_between_two_people_and_never_during_one(town, tablet, card):
    def is_loaded_anew(tablet, version="0.0.9"):
        return "HX-Refresh" in tablet.poll(version).headers

    assert (is_loaded_anew(tablet), is_loaded_anew(tablet, VERSION)) == (True, False)
    tablet.read()
    assert not is_loaded_anew(tablet)
    tablet.tap(card)
    assert not is_loaded_anew(tablet)
    tablet.post("/reception/end", page="registration", over="yes")
    assert is_loaded_anew(tablet)
    armed = Tablet(town, stays_armed=True)
    armed.post("/reception/end", page="inquiry")
    assert is_loaded_anew(armed)
    armed.tap(card)
    assert not is_loaded_anew(armed)


def test_a_tablet_whose_portal_cannot_answer_keeps_its_own_page_and_goes_on_by_itself(tablet, monkeypatch):
    monkeypatch.setattr(Enrolment, "of_page", None)
    reply = tablet.client.get("/reception", base_url=tablet.base)
    assert (reply.status_code, reply.headers["Refresh"]) == (500, "10;url=/reception")
    assert ("reception-header" in reply.text, "site-footer" in reply.text) == (True, False)


def test_each_outcome_has_its_tone_and_waiting_has_none(tablet, card):
    def tone(page):
        return page.value("data-tone")

    tones = [tone(tablet.read()), tone(tablet.tap(UID)), tone(tablet.tap(card)), tone(tablet.read("service-card"))]
    assert tones == [None, "refusal", "success", None]
    tones = [tone(tablet.type_service_id("a\0b")), tone(tablet.type_service_id("000123")), tone(tablet.register())]
    assert tones == ["refusal", "success", "success"]


def test_a_page_that_is_left_forgets(tablet, card, clock):
    tablet.read()
    tablet.tap(card)
    assert MYKEY_ID not in tablet.post("/reception/end", page="registration").words
    tablet.read()
    tablet.tap(card)
    clock.forward(minutes=2)
    page = tablet.type_service_id("000123")
    assert (MYKEY_ID in page.words, "先にマイナンバーカードを読み取ってください。" in page.words) == (False, True)


@pytest.mark.parametrize(
    ("typed", "service_id"),
    [("０００１２３", "000123"), ("A000123B", "000123"), ("d40/156t", "d40/156t")],
)
def test_what_a_scanner_or_a_keyboard_writes_is_folded(typed, service_id, tablet, card):
    tablet.read()
    tablet.tap(card)
    assert f">{service_id}<" in tablet.type_service_id(typed).response.text
    assert REGISTERED in tablet.register().words
    assert f">{service_id}<" in tablet.look_up(card).response.text


@pytest.mark.parametrize(
    ("typed", "words", "shown"),
    [
        ("", "サービスIDとして使えない番号です。", ""),
        ("a\0b", "サービスIDとして使えない番号です。", "a�b"),
        ("ABC", "サービスIDとして使えない番号です。", "ABC"),
        ("https://example.jp/m?" + "1" * 49, "サービスIDは64文字までです。", "https://example.jp/m?" + "1" * 49),
        ("1" * 300, "サービスIDは64文字までです。", "1" * 256 + "…"),
        ("あ０００１２３４あ", "日本語入力をオフ", "あ０００１２３４あ"),
        ("1234", "先頭の0が消えているかもしれません。", "1234"),
        ("2.80212E+12", "表計算ソフトが、番号を短くしたか", "2.80212E+12"),
    ],
)
def test_what_is_no_service_id_of_this_provider_is_shown_and_told_at_step_two(typed, words, shown, town, tablet, card):
    set_up(town, picture="99999999")
    tablet.read()
    tablet.tap(card)
    page = tablet.type_service_id(typed)
    assert (words in page.words, f">{shown}</p>" in page.response.text) == (True, True)
    [field] = [each for each in page.all("input") if each.get("name") == "service_id"]
    assert ("maxlength" in field, 'action="/reception/registration"' in page.response.text) == (False, False)
    assert words in tablet.register().words  # pressed all the same: nothing is linked
    assert "【登録】" in tablet.type_service_id("12345678").words


def test_a_second_link_is_replaced_by_a_confirmation_that_shows_the_present_one(tablet, card):
    tablet.link(card, "000123")
    page = tablet.link(card, "000124")
    assert ALREADY in page.words
    assert {"type": "hidden", "name": "replaces", "value": "000123"} in page.all("input")
    page = tablet.register(replaces="000123")
    assert (REGISTERED in page.words, "前のサービスIDは使えません。" in page.words) == (True, True)
    assert "000124" in tablet.look_up(card).words
    tablet.post("/reception/end")
    assert "replaces" not in str(tablet.link(card, "000124").all("input"))  # the same one once more


def test_an_unstaffed_terminal_replaces_nothing_and_makes_no_first_link(town, tablet, card):
    alone = Tablet(town, staffed=False)
    assert "この端末では、はじめてのサービスID登録はできません。" in alone.link(card, "000123").words
    tablet.link(card, "000123")
    page = alone.link(card, "000124")
    assert (ALREADY in page.words, "000123" in page.response.text) == (True, False)
    assert "利用カードが新しくなったときは、係の人がいる受付で手続きしてください。" in page.words
    assert "この端末では、サービスIDを替えることはできません。" in alone.register(replaces="000123").words


def test_a_service_card_of_somebody_else_is_refused(town, tablet, card):
    other = town.card(TARO)
    town.register(other)
    tablet.link(card, "000123")
    page = tablet.link(other, "000123")
    assert "このサービスIDは、ほかの方が使っています。" in page.words


def test_a_card_that_is_not_registered_is_led_to_the_portal_by_a_qr_code(town, tablet):
    tablet.read()
    page = tablet.tap(town.card())
    assert "マイキーIDが登録されていません。" in page.words
    assert (len(page.all("svg")), "https://id.example.jp" in page.words) == (1, True)


def test_a_stopped_person_an_expired_card_and_a_service_card_that_is_none_are_told(town, tablet, card, clock):
    tablet.read()
    tablet.tap(card)
    tablet.read("service-card")
    assert "サービスの利用カードをかざしてください。" in tablet.tap(card).words
    town.stop(town.person_of(card))
    tablet.read()
    assert "このマイキーIDは、止まっています。" in tablet.tap(card).words
    clock.forward(days=3000)
    tablet.read()
    assert "この電子証明書は有効期間が終わっています。" in tablet.tap(card).words


def test_a_first_link_that_the_citizen_must_confirm_says_so(town, tablet, card):
    set_up(town, first_links=FirstLinks.CONFIRMED)
    page = tablet.link(card, "000123")
    assert "あと1つ、手続きがあります。" in page.words
    assert ("7日以内にマイページで" in page.words, len(page.all("svg"))) == (True, 1)


def test_a_look_up_that_finds_nothing_and_one_that_is_typed(town, tablet, card):
    assert "サービスIDが登録されていません。" in tablet.look_up(card).words
    assert "mykey_id" not in str(tablet.all_fields())
    set_up(town, typed_mykey_ids=True)
    tablet.post("/reception/end", page="registration")
    tablet.link(card, "000123")
    tablet.post("/reception/end", page="inquiry")
    assert "mykey_id" in str(tablet.all_fields())
    page = tablet.post("/reception/inquiry", mykey_id="1c2410df ７９DGEL\0")
    assert ("000123" in page.words, page.value("data-copy")) == (True, "000123")


TEMPLATE = "https://ils.example/patron?barcode={service_id}"
SEVERED, KEPT = "same-origin", "same-origin-allow-popups"


def lead(town, tablet, template=TEMPLATE, *, one_window=False):
    """Let the terminal's page lead to its business system, as the operator does."""
    with town.app.app_context():
        town.services.terminals.set_handoff_link(tablet.terminal.terminal_id, template, one_window=one_window)


def links(page):
    return [each for each in page.all("a") if "data-handoff" in each]


@pytest.mark.parametrize("one_window", [False, True])
def test_a_look_up_offers_a_link_into_the_business_system(town, tablet, card, one_window):
    tablet.link(card, "000123")
    assert links(tablet.look_up(card)) == []
    lead(town, tablet, one_window=one_window)
    page = tablet.get("/reception/inquiry")
    [link] = links(page)
    assert (link["href"], "業務システムで開く" in page.words) == (TEMPLATE.format(service_id="000123"), True)
    expected = ("business-system", None, "no-referrer") if one_window else ("_blank", "noreferrer", None)
    assert tuple(map(link.get, ("target", "rel", "referrerpolicy"))) == expected
    assert ("data-opens" in link) == one_window
    assert links(tablet.post("/reception/end", page="inquiry")) == []


def test_a_look_up_that_offers_the_link_is_shown_to_the_citizen_like_every_other(town, tablet, card):
    lead(town, tablet)
    tablet.link(card, "000123")
    tablet.look_up(card)
    last = max(rows(town.app, AuditEntry), key=lambda entry: entry.number)
    assert last.event == "provider:service-link:looked-up"
    words = town.signed_in(town.person_of(card)).get("/account").words
    assert ("照会" in words, "業務システムに送られることもあります。" in words) == (True, True)


def test_a_typed_look_up_offers_the_link_too_and_a_registration_does_not(town, tablet, card):
    lead(town, tablet)
    set_up(town, typed_mykey_ids=True)
    assert links(tablet.link(card, "000123")) == []
    tablet.post("/reception/end", page="inquiry")
    assert len(links(tablet.post("/reception/inquiry", mykey_id=MYKEY_ID))) == 1
    assert links(tablet.post("/reception/inquiry", mykey_id="0" * 14)) == []


@pytest.mark.parametrize("service_id", ["A-α1", "1&barcode=2", ".."])
def test_a_number_that_an_address_would_misread_is_told_instead_of_a_link(town, tablet, card, service_id):
    lead(town, tablet)
    tablet.link(card, service_id)
    page = tablet.look_up(card)
    assert (links(page), "リンクに入れられない文字があります。" in page.words) == ([], True)
    assert (service_id in page.words, "ils.example" in page.response.text) == (True, False)


def test_only_the_page_of_a_terminal_with_one_window_stays_with_what_it_opens(town, tablet, card):
    def policies(*addresses):
        replies = [tablet.client.get(each, base_url=tablet.base) for each in addresses]
        return {policy for reply in replies for policy in reply.headers.getlist("Cross-Origin-Opener-Policy")}

    tablet.link(card, "000123")
    lead(town, tablet)
    assert policies("/reception", "/reception/inquiry") == {SEVERED}
    lead(town, tablet, one_window=True)
    assert policies("/reception", "/reception/inquiry") == {KEPT}
    others = ("/", "/reception/enrol", "/reception/locked", "/reception/unlocking", "/staff/sign-in", "/nowhere")
    assert policies(*others) == {SEVERED}
    lead(town, tablet, None, one_window=True)
    assert policies("/reception", "/reception/inquiry") == {SEVERED}


def test_nobody_finds_out_by_trying_who_is_a_customer(town, tablet, card):
    set_up(town, typed_mykey_ids=True)
    tablet.link(card, "000123")
    tablet.post("/reception/end", page="inquiry")
    wrong = [tablet.post("/reception/inquiry", mykey_id=f"PERSON{number:08}").status for number in range(10)]
    page = tablet.post("/reception/inquiry", mykey_id="1C2410DF79DGEL")
    assert (wrong, page.status, "000123" in page.words) == ([200] * 10, 429, False)


def test_a_terminal_that_stays_armed_goes_on_waiting(town, tablet, card, clock):
    tablet.link(card, "000123")
    armed = Tablet(town, stays_armed=True)
    armed.post("/reception/end", page="inquiry")
    for _ in range(2):
        clock.forward(minutes=5)
        assert "000123" in armed.tap(card).words
    armed.post("/reception/end", page="inquiry", over="yes")
    assert "000123" not in armed.get("/reception").words
    assert "000123" in armed.tap(card).words
    clock.forward(minutes=6)  # the page was closed
    armed.tap(card)
    assert "000123" not in armed.get("/reception/inquiry").words


def test_a_provider_sees_its_own_service_id_alone(town, tablet, card):
    tablet.link(card, "000123")
    shop = Tablet(town, SHOP)
    assert "サービスIDが登録されていません。" in shop.look_up(card).words


def revoke(town, terminal):
    town.services.terminals.revoke(terminal.terminal_id)


def suspend(town, _terminal):
    town.services.providers.suspend(LIBRARY)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (revoke, "この画面は、どのサービス端末にも登録されていません。"),
        (suspend, "このサービス提供者の利用は止められています。"),
    ],
)
@pytest.mark.parametrize("press", ["reading", "service-id", "registration", "inquiry", "end", "lock"])
def test_revocation_and_suspension_are_told_in_the_middle_of_a_step(act, words, press, town, tablet, card):
    tablet.read()
    tablet.tap(card)
    tablet.type_service_id("000123")
    with town.app.app_context():
        act(town, tablet.terminal)
    poll = tablet.poll()
    assert (poll.status_code, poll.headers["HX-Refresh"], poll.text) == (204, "true", "")
    for page in (tablet.post(f"/reception/{press}"), tablet.get("/reception"), tablet.get("/reception/inquiry")):
        assert (page.status, words in page.words, MYKEY_ID in page.response.text) == (403, True, False)
    assert town.look_up(card) in ("service-id-not-registered", "service-provider-suspended")


def test_a_browser_that_is_bound_to_no_terminal_is_refused(tablet):
    tablet.client.set_cookie("__Host-mykey-terminal", "wrong", domain="id.example.jp")
    page = tablet.get("/reception")
    assert (page.status, "/reception/enrol" in page.response.text) == (403, True)


def test_a_poll_asks_the_database_once_and_says_nothing_while_nothing_has_changed(tablet, card, statements):
    for change in (lambda: tablet.get("/reception"), tablet.read):
        change()
        with statements() as seen:
            poll = tablet.poll()
        asked = [each.split()[0] for each in seen if not each.startswith(("BEGIN", "PRAGMA"))]
        assert (poll.status_code, poll.text, asked) == (204, "", ["SELECT"])
    assert poll.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in poll.headers
    headers = {"Authorization": f"Bearer {tablet.token}"}
    tablet.client.post("/api/v1/taps", json={"service_card": UID}, headers=headers, base_url=tablet.base)
    assert "これはサービスの利用カードです。" in tablet.poll().text
    before = tablet.page
    tablet.tap(card)
    tablet.page = before
    assert MYKEY_ID in tablet.poll().text
