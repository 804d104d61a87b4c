"""Every kind of session and every reason to end it: the rows of docs/threat-model.md, each tried."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import portal
from portal.domain.errors import PortalError
from portal.web.passkey_challenge import TABS
from tests.conftest import NOW
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.authenticator import Authenticator
from tests.portal.actors.staff import added_staff, code_of, list_of_staff, signed_in_staff
from tests.portal.web.sessions import ends_of_citizens, ends_of_staff  # noqa: F401 - they fill ENDS
from tests.portal.web.sessions.session_ends import ENDS, goes_on

THREAT_MODEL = (Path(portal.__file__).parents[1] / "docs" / "threat-model.md").read_text()
TABLE = THREAT_MODEL.split("## Sessions and their ends")[1].split("\n## ")[0]
ROWS = {
    (session, reason): code.strip("`")
    for line in TABLE.splitlines()
    if line.endswith("` |")
    for session, reason, code in [line.strip("| ").split(" | ")]
}


@pytest.fixture
def app(app_with):
    return app_with(revocation="crl")


@pytest.fixture
def revoke(instance, authority):
    """Put a list into its place that revokes these certificates."""
    (instance / "crl").mkdir()

    def put(*certificates, number=2):
        dates = {"this_update": NOW - timedelta(hours=1), "next_update": NOW + timedelta(days=2000)}
        content = authority.crl(*(each.serial_number for each in certificates), number=number, **dates)
        (instance / "crl" / "new").write_bytes(content)
        (instance / "crl" / "new").rename(instance / "crl" / "authority.crl")

    put(number=1)
    return put


@pytest.fixture
def world(app, revoke, town, authority, keys, clock):
    return SimpleNamespace(app=app, revoke=revoke, town=town, clock=clock, authority=authority, keys=keys)


def test_the_table_names_each_session_and_reason_that_is_tried():
    assert len(ROWS) == TABLE.count("` |")
    assert set(ROWS) == set(ENDS)


@pytest.mark.parametrize("row", ROWS, ids=": ".join)
def test_this_session_ends_so(row, world):
    assert ENDS[row](world) == ROWS[row]


def tabs_of(browser, address, number):
    """Open an address in so many tabs of one browser; each has its page and its challenge."""
    tabs = []
    for _ in range(number):
        browser.get(address)
        tabs.append((browser.page, browser.challenge, browser.options()))
    return tabs


def test_each_of_several_tabs_signs_in_with_its_own_challenge(app):
    for chosen in (0, TABS - 1):
        clerk = signed_in_staff(app)
        tabs = tabs_of(clerk, "/staff/sign-in", TABS)
        clerk.page, challenge, options = tabs[chosen]
        answer = clerk.authenticator.get(options)
        assert clerk.post("/staff/sign-in", challenge=challenge, credential=answer).status == 200, chosen


def test_of_two_tabs_that_open_one_link_either_makes_the_passkey_and_the_other_is_told(app):
    for chosen in (0, 1):
        staff, tabs = added_staff(app), []
        for _ in range(2):
            staff.open_link()
            tabs.append((staff.page, staff.challenge, staff.options()))
        staff.page, challenge, options = tabs[chosen]
        made = staff.post("/staff/passkey", challenge=challenge, credential=staff.authenticator.create(options))
        assert "窓口 花子" in made.words
        staff.page, challenge, options = tabs[1 - chosen]
        late = Authenticator(staff.base).create(options)
        assert code_of(staff.post("/staff/passkey", challenge=challenge, credential=late)) == "signed-in-already"
        goes_on(staff, "/staff")


def test_a_sign_in_that_a_move_overtakes_is_over_before_it_begins(world):
    town, services = world.town, world.town.services
    card = town.card()
    town.register(card)
    code, new = town.code_of(card), town.renewed()
    card_session_id = town.signed(card, "sign-in")
    with world.app.app_context():
        services.my_page.sign_in(card_session_id)
    town.by_code(new, code)
    with world.app.app_context(), pytest.raises(PortalError, match="sign-in-needed"):
        services.sessions.signed_in(*services.sessions.begun(card_session_id), world.clock())


def test_a_sign_in_of_staff_that_is_overtaken_is_over_before_it_begins(world):
    clerk = signed_in_staff(world.app)
    clerk.get("/staff/sign-in")
    answer = clerk.authenticator.get(clerk.options())
    with list_of_staff(clerk) as (staff_list, staff_id):
        staff = world.town.services.passkeys.sign_in(answer, clerk.challenge)
        staff_list.new_link(staff_id, forget_passkeys=True)
        with pytest.raises(PortalError, match="staff-sign-in-needed"):
            staff_list.signed_in(staff_id, staff.grounds, world.clock())
