import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo.cards import PRINTS
from demo.desk import Desk
from demo.page_ui import PageUI
from demo.reader_page import HERE, create_reader_page
from demo.virtual_card import VirtualCard
from demo.words import WORDS
from reader_bridge.conversation.ui import Consent
from reader_bridge.portal.origin import Origin
from tests.test_templates import FROWNED_UPON, INLINE

PORTAL = Origin.parse("http://127.0.0.1:9")  # where nobody answers
HERE_ORIGIN = Origin.parse("http://127.0.0.1:8001")
TEMPLATES = sorted((HERE / "templates").glob("*.html"))
LINK = "/?origin={}&handle=AAAAAAAAAAAAAAAAAAAAAA"
OURS = LINK.format("http%3A%2F%2F127.0.0.1%3A9")


class Authority:
    """Renews by name alone."""

    renewed, correspondence = None, ""

    def renew(self, name):
        self.renewed, self.correspondence = name, "old,new\n"


@pytest.fixture
def desk():
    card = {"certificate": None, "key": None, "authority_certificate": None}
    return Desk(PORTAL, {each.name: VirtualCard(**card) for each in PRINTS})


@pytest.fixture
def client(desk):
    app = create_reader_page(HERE_ORIGIN, desk, {}, Authority())
    app.testing = True
    app.config["SERVER_NAME"] = HERE_ORIGIN.authority
    return app.test_client()


def test_a_link_of_the_portal_opens_a_conversation_and_leaves_the_address_bar(client, desk):
    answer = client.get(OURS)
    assert (answer.status_code, answer.location) == (303, "/")
    assert desk.ui.shown.problem == "portal-unreachable"
    assert "ポータルから返事がありません。" in client.get("/").text


def test_the_same_link_again_changes_nothing(client, desk):
    client.get(OURS)
    ui = desk.ui
    client.get(OURS)
    assert desk.ui is ui


def test_the_question_says_for_what_the_card_will_sign(client, desk):
    desk.ui = PageUI()
    parameters = {"service_provider_id": "A-α1-0001", "x\x1b[2J": "<b>"}
    consent = Consent(PORTAL.text, "unlink", parameters, "47", "Demo reader", 3, None)
    with ThreadPoolExecutor(1) as bridge:
        asked = bridge.submit(desk.ui.ask_pin, consent)
        while desk.ui.shown.consent is None:
            pass
        page = client.get("/").text
        desk.ui.stop()
        asked.exception()
    for words in ("サービスとの連携を解除する", "サービス提供ID", "A-α1-0001", "x[2J", "&lt;b&gt;"):
        assert words in page


@pytest.mark.parametrize(
    ("link", "status"),
    [
        (LINK.format("http%3A%2F%2F127.0.0.1%3A8000"), 403),
        (LINK.format("https%3A%2F%2Fid.example.jp"), 403),
        (LINK.format("http://127.0.0.1:9"), 400),
        (OURS + "&more=1", 400),
        ("/?handle=AAAAAAAAAAAAAAAAAAAAAA", 400),
    ],
)
def test_any_other_link_is_refused(client, desk, link, status):
    assert client.get(link).status_code == status
    assert desk.ui is None


def test_another_site_can_neither_open_nor_drive_it(client, desk):
    assert client.get(OURS, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    for headers in ({}, {"Origin": "null"}, {"Origin": "https://evil.example"}, {"Origin": str(PORTAL)}):
        assert client.post("/card", data={"card": "hanako"}, headers=headers).status_code == 403
    assert (desk.ui, desk.inserted) == (None, None)


def test_it_answers_under_its_own_name_alone(client):
    for host in ("localhost:8001", "evil.example", "127.0.0.1:9"):
        assert client.get("/", headers={"Host": host}).status_code == 421


def test_its_own_forms_move_cards(client, desk):
    ours = {"Origin": str(HERE_ORIGIN)}
    assert client.post("/card", data={"card": "hanako"}, headers=ours).status_code == 303
    assert desk.inserted == "hanako"
    assert client.post("/card", data={"card": "another"}, headers=ours).status_code == 400
    client.post("/card", headers=ours)
    assert desk.inserted is None


def test_a_card_is_renewed_out_of_the_reader_and_each_way_on_is_named(client, desk):
    ours = {"Origin": str(HERE_ORIGIN)}
    assert client.get("/correspondence.csv").status_code == 404
    desk.insert("hanako")
    assert client.post("/renewal", data={"card": "locked"}, headers=ours).status_code == 400
    assert client.post("/renewal", data={"card": "hanako"}, headers=ours).location == "/#renewal"
    assert desk.inserted is None
    page = client.get("/").text
    assert "ふつうのカード（見本 花子）を新しくしました。" in page
    for way in (f"{PORTAL}/renew", f"{PORTAL}/counter", f"{PORTAL}/correspondence", "/correspondence.csv"):
        assert f'href="{way}"' in page
    assert client.get("/correspondence.csv").text == "old,new\n"


def test_a_button_says_in_one_sentence_what_it_does_with_the_card(client, desk):
    desk.ui = PageUI()
    assert '<span class="visually-hidden">ふつうのカード（見本 花子）をリーダーに入れる</span>' in client.get("/").text


def test_the_policy_allows_scripts_and_styles_of_its_own_and_forms_that_lead_to_the_portal(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert f"form-action 'self' {PORTAL};" in policy


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: page.name)
def test_template_keeps_to_the_policy(page):
    text = page.read_text(encoding="utf-8")
    assert INLINE.findall(text) == FROWNED_UPON.findall(text) == []


def test_every_word_is_used_and_said_in_both_languages():
    used = set(re.findall(r'say\(["\']([a-z-]+)["\']', "".join(page.read_text("utf-8") for page in TEMPLATES)))
    assert used | {"last-try"} == set(WORDS)
    assert all(sentence.ja and sentence.en for sentence in WORDS.values())


def test_the_language_is_that_of_the_portal_until_another_is_chosen_here(client):
    def language():
        return re.search('<html lang="(..)">', client.get("/", headers={"Accept-Language": "en"}).text)[1]

    assert language() == "en"
    client.set_cookie("mykey-language", "ja", domain="127.0.0.1")
    assert language() == "ja"
    client.get("/language/en")
    assert language() == "en"
    client.get(OURS)
    assert language() == "ja"
