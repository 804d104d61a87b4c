"""A provider's staff at a real browser: the management table, un-linking, and a bulk import; axe finds nothing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from portal.domain.roles import Role
from tests.e2e.axe import LOOKED_AT, look_at
from tests.e2e.staff import sign_in_staff
from tests.portal.actors.customers import allow, link_all, link_file, new_people, numbered
from tests.portal.actors.town import LIBRARY


@pytest.fixture
def portal(serve):
    portal = serve(host="localhost")
    with portal.app.app_context():
        portal.app.extensions["mykey"].providers.add(LIBRARY, "見本図書館")
    return portal


@pytest.fixture(params=LOOKED_AT)
def page(request, portal, new_browser):
    page = new_browser(portal, request.param).new_page()
    sign_in_staff(portal, page, "図書館 太郎", (Role.PROVIDER,), LIBRARY)
    return page


def load(page, content):
    page.goto("/provider/imports")
    page.set_input_files("#file", {"name": "利用者.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("main form button").first.click()


def test_the_table_is_searched_and_a_link_taken_off(portal, page):
    people = new_people(portal.app, *numbered(60))
    link_all(portal.app, [(each, f"28{number:08}") for number, each in enumerate(people.values())])
    look_at(page)
    page.goto("/provider")
    look_at(page)
    page.locator(".pages button").click()
    look_at(page)
    page.fill("#typed", "２８０００００００７")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody button").click()
    look_at(page)
    page.locator("main form").evaluate("form => { form.noValidate = true }")
    page.locator("main form .button--primary").click()
    look_at(page)
    page.fill("#reason", "利用の登録が終わったため")
    page.locator("main form .button--primary").click()
    expect(page.locator("tbody tr")).to_have_count(50)
    look_at(page)
    page.fill("#typed", "2800000007")
    page.get_by_role("search").get_by_role("button").click()
    expect(page.locator("tbody tr")).to_have_count(0)
    look_at(page)
    page.goto("/provider/figures")
    look_at(page)


def test_a_scan_is_tried_without_leaving_the_page(page):
    page.goto("/provider")
    for came, seen in (("Ａ０００１２３４Ａ", "0001234"), ("あ０００１あ", "あ０００１あ")):
        page.fill("#scan", came)
        page.press("#scan", "Enter")
        expect(page.locator("#reading")).to_contain_text(seen)
        look_at(page)
    expect(page).to_have_url(re.compile("/provider$"))


def test_a_file_is_tried_mended_and_imported(portal, page):
    page.goto("/provider/imports")
    look_at(page)
    allow(portal.app)
    ids = numbered(3000)
    new_people(portal.app, *ids)
    load(page, b"a,b\r\n")
    look_at(page)
    good = [f"{each},{number:010}" for number, each in enumerate(ids)]
    load(page, link_file(*good[:2990], *(f"UNKNOWN{number:07},x{number}" for number in range(110)), good[1]))
    expect(page.locator('[aria-labelledby="refused"] tbody tr')).to_have_count(100)
    expect(page.locator('[aria-labelledby="first"] tbody tr')).to_have_count(20)
    look_at(page)
    load(page, link_file(f'{ids[0]},="0012"', *good[1:], encoding="cp932"))
    expect(page.locator('[aria-labelledby="folded"] tbody tr')).to_have_count(1)
    expect(page.locator("progress:visible")).to_have_count(1)
    expect(page.locator("progress:visible")).to_have_attribute("value", "100")
    look_at(page)
    page.locator("main form .button--primary").click()
    expect(page.get_by_role("status")).to_contain_text("3,000")
    look_at(page)
    page.goto("/provider/imports")
    look_at(page)
    page.goto("/provider/figures")
    expect(page.locator("main")).to_contain_text("3,000")
    look_at(page)


def test_the_csv_is_saved_under_its_name(portal, page):
    link_all(portal.app, [(person, "=1") for person in new_people(portal.app, *numbered(1)).values()])
    page.goto("/provider")
    with page.expect_download() as download:
        page.locator('a[href="/provider/links.csv"]').click()
    assert download.value.suggested_filename == "service-ids-20261123.csv"
    assert b"'=1," in Path(download.value.path()).read_bytes()
