"""証明書表示 in a real browser: the card just read, and a certificate in a file."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import expect

from tests.conftest import NOW
from tests.e2e.browser import RANDOM_STRING, launch_link, start
from tests.e2e.citizen.test_accessibility import look, page  # noqa: F401 - fixtures
from tests.e2e.other_bridge import follow

DAY = {"this_update": NOW - timedelta(hours=1), "next_update": NOW + timedelta(hours=23)}
STATUS = "#status"
FILE_BUTTON = 'main form[action="/certificate"] button'


@pytest.fixture
def portal(serve, instance, authority):
    """Serve a portal that has a list of revoked certificates; it revokes nobody."""
    (instance / "crl").mkdir()
    (instance / "crl" / "authority.crl").write_bytes(authority.crl(**DAY))
    return serve(revocation="crl")


@pytest.fixture
def file(authority, keys, tmp_path):
    """A certificate in a file."""
    certificate = authority.issue(public_key=keys[0].public_key(), serial_number=77)
    (tmp_path / "mine.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    return tmp_path / "mine.cer"


def saved(page, place=0):  # noqa: F811
    with page.expect_download() as download:
        page.locator(".buttons button").nth(place).click()
    return download.value


def test_the_card_just_read_is_shown_saved_and_checked(page, card, look):  # noqa: F811
    page.goto(follow(launch_link(start(page)), card))
    page.wait_for_url("**/registration")
    look()
    page.click('a[href="/registration/certificate"]')
    expect(page.locator("#basic")).to_be_visible()
    expect(page.locator("#details")).to_be_hidden()
    look()
    page.click('a[href="#details"]')
    expect(page.locator("#details")).to_contain_text(RANDOM_STRING)
    expect(page.locator("#basic")).to_be_hidden()
    look()
    text = saved(page)
    assert text.suggested_filename.endswith(".txt")
    assert "[ランダム文字列]\r\n1C2410DF79DGEL\r\n" in text.path().read_bytes().decode()
    assert saved(page, 1).path().read_bytes() == card["certificate"]
    expect(page.locator(STATUS)).to_have_attribute("data-status", "not-checked")
    page.locator(".buttons button").nth(2).click()
    expect(page.locator(STATUS)).to_have_attribute("data-status", "good")
    expect(page.locator(STATUS)).to_be_focused()
    look()


def test_a_file_is_shown_and_saved_and_its_status_is_told_to_nobody(page, file, look):  # noqa: F811
    page.goto("/certificate")
    look()
    page.click(FILE_BUTTON)
    expect(page.get_by_role("alert")).to_be_visible()
    look()
    page.set_input_files("#file", file)
    page.click(FILE_BUTTON)
    expect(page.locator('[data-result="passed"]')).to_have_count(5)
    look()
    page.click('a[href="#details"]')
    expect(page.locator("#details")).to_contain_text(RANDOM_STRING)
    assert saved(page, 1).path().read_bytes() == file.read_bytes()
    expect(page.locator(".buttons button")).to_have_count(2)


def test_without_javascript_the_tabs_turn_all_the_same(new_browser, portal, file):
    plain = new_browser(portal, java_script_enabled=False).new_page()
    plain.goto("/certificate")
    plain.set_input_files("#file", file)
    plain.click(FILE_BUTTON)
    plain.click('a[href="#details"]')
    expect(plain.locator("#details")).to_be_visible()
    expect(plain.locator("#basic")).to_be_hidden()
