"""The demo's staff: by the links of the banner, at a real browser."""

import re

from playwright.sync_api import expect

from tests.e2e.demo.running import RunningDemo
from tests.e2e.staff import enrol, plug_in_authenticator

LINK = re.compile(r"(\S+ \S+)  (http://localhost:\d+/staff/enrol#\S+)")


def test_the_banner_has_a_link_for_each_of_the_staff_until_they_have_a_passkey(newcomer_at, tmp_path):
    with RunningDemo(tmp_path) as demo:
        links = dict(LINK.findall(demo.said))
        assert list(links) == ["窓口 花子", "窓口 太郎", "見本図書館 職員"]
        page = newcomer_at(demo).portal
        plug_in_authenticator(page)
        enrol(page, links["窓口 花子"])
        expect(page).to_have_url(f"{demo.origin}/operator/day")
        page.goto(f"{demo.origin}/staff")
        expect(page.locator("main")).to_contain_text("窓口 花子")
        page.goto(f"{demo.origin}/counter")
        expect(page.locator("h1")).to_have_text("市区町村窓口")
    elsewhere = tmp_path / "elsewhere"  # who practises touches nothing of a portal that the environment speaks of
    settings = {"MYKEY_DATABASE_URL": f"sqlite:///{elsewhere}", "MYKEY_INSTANCE": str(elsewhere)}
    with RunningDemo(tmp_path, **settings) as demo:
        newer = dict(LINK.findall(demo.said))
        newcomer_at(demo).portal.goto(demo.origin)
        assert list(newer) == ["窓口 太郎", "見本図書館 職員"]
        assert newer["窓口 太郎"] != links["窓口 太郎"]
        assert not elsewhere.exists()
