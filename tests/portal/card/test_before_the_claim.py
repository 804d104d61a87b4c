"""What the waiting page offers while no bridge has come."""

import pytest

from portal.downloads import Downloads
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.installers import installer
from tests.portal.actors.pages import Citizen

PHONES = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Linux; Android 15; SM-X210) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
)


@pytest.mark.parametrize(("language", "label"), [("ja", "ポータルのアドレス"), ("en", "Portal's address")])
def test_beside_the_code_is_the_address_that_the_program_asks_for(app, language, label):
    page = Citizen(app, language).start()
    assert f"{label} https://id.example.jp" in page.words


def test_a_bridge_that_is_too_old_is_shown_where_to_get_another(app_with, card):
    app = app_with(bridge_minimum="1.2.0")
    citizen, bridge = Citizen(app), Bridge(app, *card)
    bridge.client.environ_base["HTTP_USER_AGENT"] = "reader-bridge/1.1.0"
    bridge.claim(citizen.start())
    page = citizen.get(citizen.waiting)
    before = page.response.text.partition("mykey-bridge:read")[0]
    assert 'href="/bridge"' in before


@pytest.mark.parametrize(("met", "newer"), [("1.1.9", True), ("1.2.0", False), ("9.0.0", False)])
def test_the_trial_says_whether_a_newer_version_is_on_offer(citizen, bridge, settings, tmp_path, met, newer):
    Downloads(settings.downloads).publish([installer(tmp_path)])
    bridge.client.environ_base["HTTP_USER_AGENT"] = f"reader-bridge/{met}"
    bridge.claim(citizen.start("test"))
    assert ("読み取りプログラムの新しい版があります。" in citizen.get(citizen.waiting).words) == newer


@pytest.mark.parametrize("user_agent", PHONES)
def test_a_phone_meets_no_dead_link_first(citizen, user_agent):
    citizen.headers["User-Agent"] = user_agent
    text = citizen.start("sign-in").response.text
    places = [
        text.index(each)
        for each in ("カードを読み取れません", "mailto:?subject=", "data-pairing-code", "mykey-bridge:read")
    ]
    assert places == sorted(places)
    assert "https%3A//id.example.jp/sign-in" in text
    assert 'id="other-ways"' not in text


def test_a_computer_is_not_told_about_phones(citizen):
    for address in ("/", "/register", "/sign-in", "/bridge"):
        assert "mailto:" not in citizen.get(address).response.text


def test_where_no_codes_are_offered_none_is_spoken_of(app_with):
    citizen = Citizen(app_with(pairing=False))
    text = citizen.start().response.text
    assert (text.count("コードを使う"), "data-pairing-code" in text, 'id="by-code"' in text) == (0, False, False)
