"""A tablet is bound to a terminal by a code, locked by anybody, unlocked by staff, and installed as an app."""

import pytest

from portal.domain.roles import Role
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import added_staff, code_of
from tests.portal.actors.town import LIBRARY, SHOP

LOCKED = "この画面は、係の人がロックしています。"


def new_codes(town, tablet):
    with town.app.app_context():
        return town.services.terminals.new_codes(tablet.terminal.terminal_id)


def test_a_code_binds_the_tablet_for_long_and_leaves_no_session(tablet):
    assert (tablet.address, tablet.cookies()) == ("/reception", {"__Host-mykey-terminal"})
    cookie = tablet.client.get_cookie("__Host-mykey-terminal", domain="id.example.jp")
    assert (cookie.http_only, cookie.secure, cookie.same_site, cookie.max_age) == (True, True, "Strict", 400 * 86400)


def test_a_code_is_folded_and_spent_by_its_first_use(town, tablet):
    codes = new_codes(town, tablet)
    typed = f"{codes.page[:4]}-{codes.page[4:8].lower()} {codes.page[8:]}"
    for code, status in ((codes.bridge, 404), (typed, 200), (typed, 404)):
        other = Citizen(town.app)
        other.get("/reception/enrol")
        assert other.post("/reception/enrol", enrolment_code=code).status == status
    assert tablet.get("/reception").status == 403  # a newer tablet has taken its place


def test_ten_wrong_codes_a_minute_are_enough(town, tablet):
    code = new_codes(town, tablet).page
    tablet.get("/reception/enrol")
    tried = [tablet.post("/reception/enrol", enrolment_code="X" * 12).status for _ in range(10)]
    assert (tried, tablet.post("/reception/enrol", enrolment_code=code).status) == ([404] * 10, 429)


def test_a_locked_page_forgets_and_does_nothing(town, tablet):
    card = town.card()
    town.register(card)
    tablet.read()
    tablet.tap(card)
    assert LOCKED in tablet.post("/reception/lock").words
    for page in (tablet.get("/reception"), tablet.get("/reception/inquiry"), tablet.read(), tablet.register()):
        assert (LOCKED in page.words, tablet.address) == (True, "/reception/locked")
    poll = tablet.client.get("/reception/state?seen=0.", headers={"HX-Request": "true"}, base_url=tablet.base)
    assert poll.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("address", ["end", "lock", "reading", "registration", "service-id"])
def test_another_site_presses_nothing(address, tablet):
    reply = tablet.client.post(
        f"/reception/{address}", base_url=tablet.base, headers={"Origin": "https://evil.example.jp"}
    )
    assert (reply.status_code, "ほかのサイト" in reply.text) == (403, True)
    assert tablet.client.post(f"/reception/{address}", base_url=tablet.base).status_code == 303


def at_work(tablet, provider, *roles):
    """Bring a member of staff with a passkey to the tablet."""
    staff = added_staff(tablet.app, roles=roles, provider=provider)
    staff.enrol()
    tablet.get("/reception/unlocking")
    staff.page = tablet.page
    return staff.authenticator.get(staff.options())


@pytest.mark.parametrize(
    ("provider", "role"), [(LIBRARY, Role.PROVIDER), (None, Role.OPERATOR)], ids=["own staff", "operator"]
)
def test_a_passkey_unlocks_and_signs_nobody_in(provider, role, tablet):
    tablet.post("/reception/lock")
    page = tablet.post("/reception/unlocking", credential=at_work(tablet, provider, role))
    assert (page.status, tablet.address) == (200, "/reception")
    assert tablet.cookies() == {"__Host-mykey-terminal"}
    assert code_of(tablet.get("/staff")) == "staff-sign-in-needed"


@pytest.mark.parametrize(("provider", "role"), [(SHOP, Role.PROVIDER), (None, Role.CLERK)])
def test_others_do_not_unlock(provider, role, tablet):
    tablet.post("/reception/lock")
    page = tablet.post("/reception/unlocking", credential=at_work(tablet, provider, role))
    assert code_of(page) == "role-missing"
    assert LOCKED in tablet.get("/reception").words
    assert tablet.cookies() == {"__Host-mykey-terminal"}


def test_a_passkey_unlocks_once_and_in_time(tablet, clock):
    tablet.post("/reception/lock")
    credential = at_work(tablet, LIBRARY, Role.PROVIDER)
    clock.forward(minutes=5)
    for _ in range(2):
        assert code_of(tablet.post("/reception/unlocking", credential=credential)) == "form-expired"
    tablet.get("/reception/unlocking")
    assert code_of(tablet.post("/reception/unlocking", credential=credential)) == "passkey-refused"


@pytest.mark.parametrize(("language", "name"), [("ja", "受付アプリ"), ("en", "Reception app")])
def test_the_app_can_be_installed(language, name, tablet):
    tablet.get(f"/language/{language}")
    reply = tablet.client.get("/reception/manifest.webmanifest", base_url=tablet.base)
    assert (reply.content_type, reply.json["start_url"]) == ("application/manifest+json", "/reception")
    assert (reply.json["display"], reply.json["short_name"]) == ("standalone", name)
    for icon in reply.json["icons"]:
        with tablet.client.get(icon["src"], base_url=tablet.base) as picture:
            assert (picture.status_code, picture.mimetype) == (200, icon["type"])


def test_the_language_goes_with_the_citizen(tablet):
    assert tablet.get("/language/en", Referer="https://id.example.jp/reception").value("lang") == "en"
    assert tablet.post("/reception/end", page="inquiry").value("lang") == "en"
    assert tablet.post("/reception/end", page="inquiry", over="yes", again="yes").value("lang") == "en"
    assert tablet.post("/reception/end", page="inquiry", over="yes").value("lang") == "ja"
    assert tablet.get("/reception", **{"Accept-Language": "en"}).value("lang") == "ja"  # as its browser would like it
    tablet.get("/language/en")
    assert tablet.post("/reception/lock").value("lang") == "ja"
