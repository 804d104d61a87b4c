"""Every kind of session and every reason to end it: the rows of docs/threat-model.md, each tried."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import portal
from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.extensions import db
from portal.models import Staff
from portal.transactions import acting
from portal.web.passkey_challenge import TABS
from tests.conftest import NOW
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.at_counter import Desk
from tests.portal.actors.authenticator import Authenticator
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import added_staff, code_of, list_of_staff, signed_in_staff
from tests.portal.actors.tablet import Tablet
from tests.portal.actors.town import CHOSEN, HANAKO, LIBRARY, TARO

THREAT_MODEL = (Path(portal.__file__).parents[1] / "docs" / "threat-model.md").read_text()
TABLE = THREAT_MODEL.split("## Sessions and their ends")[1].split("\n## ")[0]
ROWS = {
    (session, reason): code.strip("`")
    for line in TABLE.splitlines()
    if line.endswith("` |")
    for session, reason, code in [line.strip("| ").split(" | ")]
}
ENDS = {}


def ends(session, reason):
    """Keep a function that brings such a session, lets the reason come, and returns what the next request is told."""

    def kept(act):
        ENDS[session, reason] = act
        return act

    return kept


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


def goes_on(browser, address):
    assert browser.get(address).status == 200
    return browser


def without_use(world, browser, address):
    """Leave a session alone for half an hour while its page polls; say what is told then."""
    for _ in range(3):
        world.clock.forward(minutes=10)
        browser.get(address, **{"HX-Request": "true"})
    return code_of(browser.get(address))


def in_use(world, browser, address, hours):
    """Use a session until a minute before so many hours are over; say what is told then."""
    begun = world.clock.now
    while world.clock.now < begun + timedelta(hours=hours, minutes=-29):
        world.clock.forward(minutes=29)
        browser.get("/bridge")
    world.clock.now = begun + timedelta(hours=hours, minutes=-1)
    goes_on(browser, address)
    world.clock.forward(minutes=1)
    return code_of(browser.get(address))


# A citizen who signed in.


def told_after(reason):
    """Make a scenario: somebody is signed in, the reason comes, and my page says so."""

    def scenario(world):
        town = world.town
        world.card = town.card()
        world.person_id, world.stop_code = town.register(world.card), town.stop_code_of(world.card)
        world.code, world.new = town.code_of(world.card), town.renewed()
        world.browser = goes_on(town.signed_in(world.person_id), "/account")
        return reason(world) or code_of(world.browser.get("/account"))

    return scenario


def of_citizen(reason):
    def kept(act):
        ends("citizen, signed in", reason)(told_after(act))
        return act

    return kept


@of_citizen("the record moves to another certificate")
def moved(world):
    world.town.by_code(world.new, world.code)


@of_citizen("the record is joined to another")
def joined(world):
    world.browser = goes_on(world.town.signed_in(world.town.register(world.new)), "/account")
    world.town.correspond(world.card, world.new)
    world.town.do("renewal", "by_correspondence", world.new, "renew")


@of_citizen("the move is undone")
def undone(world):
    world.town.by_code(world.new, world.code)
    before, world.browser = world.browser, goes_on(world.town.signed_in(world.person_id), "/account")
    world.town.do("renewal", "undo", world.card, "renew")
    assert code_of(before.get("/account")) == "sign-in-needed"  # it ended with the move, and does not come back


@of_citizen("the stop code is used")
def stopped(world):
    world.town.browser().post("/stop", stop_code=world.stop_code)


@of_citizen("the stop is taken back, by card or counter")
def resumed(world):
    stopped(world)
    world.browser = goes_on(world.town.signed_in(world.person_id), "/account")
    world.town.do("stop_codes", "resume", world.card, "resume")
    assert code_of(world.browser.get("/account")) == "sign-in-needed"
    world.town.stop(world.person_id)
    desk = Desk(world.town, signed_in_staff(world.app))
    desk.open(HANAKO[:14], "renewal")
    desk.read("before", (world.card, world.keys[0]))
    world.browser = goes_on(world.town.signed_in(world.person_id), "/account")
    assert desk.resume().status == 200


@of_citizen("the registration is cancelled, even if it comes back")
def cancelled(world):
    world.town.do("my_page", "cancel_registration", world.card, "cancel-registration")
    world.town.register(world.card)


@of_citizen("the certificate expires")
def expired(world):
    certificate = world.town.card(CHOSEN + "07202002B", world.clock() + timedelta(minutes=20))
    world.browser = goes_on(world.town.signed_in(world.town.register(certificate)), "/account")
    world.clock.forward(minutes=20)


@of_citizen("a list names the certificate")
def revoked(world):
    world.revoke(world.new)
    goes_on(world.browser, "/account")
    world.revoke(world.card, number=3)


@of_citizen("30 minutes without use, polls or not")
def idle(world):
    return without_use(world, world.browser, "/account")


@of_citizen("8 hours")
def old(world):
    return in_use(world, world.browser, "/account", 8)


@of_citizen("another of their browsers ends it")
def ended_elsewhere(world):
    other = world.town.signed_in(world.person_id)
    other.post("/account/sessions")
    goes_on(other, "/account")


@of_citizen("they sign out")
def signed_out(world):
    world.browser.post("/sign-out")


@of_citizen("somebody of staff signs in there")
def replaced_by_staff(world):
    staff = added_staff(world.app)
    staff.client = world.browser.client
    staff.enrol()


# A card that was read, before and after its button.


def act_done(world):
    world.card = world.town.card()
    world.stop_code = world.town.stop_code_of(world.card) if world.town.register(world.card) else None
    world.code, world.new = world.town.code_of(world.card), world.town.renewed()
    browser = world.town.before(world.new, "renew")
    assert browser.post("/renewal", way="code", carry_over_code=world.code).status == 200
    return goes_on(browser, "/renewal")


@ends("card whose act is done", "the record changes once more")
def changed_once_more(world):
    thief = act_done(world)
    world.town.do("renewal", "undo", world.card, "renew")
    assert code_of(thief.post("/renewal", way="code", carry_over_code=world.code)) == "sign-in-needed"
    assert code_of(thief.get("/account")) == "sign-in-needed"
    return code_of(thief.get("/renewal")).replace("card-needed", "sign-in-needed")


@ends("card whose act is done", "30 minutes without use")
def act_done_and_idle(world):
    browser = act_done(world)
    world.clock.forward(minutes=30)
    return code_of(browser.get("/renewal"))


@ends("card that was read", "5 minutes")
def read_and_left(world):
    browser = world.town.before(world.town.card(), "register")
    world.clock.forward(minutes=5)
    return code_of(browser.post("/registration"))


@ends("card that was read", "it has done its work")
def read_and_done(world):
    card = world.town.card()
    browser = world.town.before(card, "register")
    assert browser.post("/registration").status == 200
    world.town.do("my_page", "cancel_registration", card, "cancel-registration")
    return code_of(browser.post("/registration"))


@ends("card that was read", "another card is read there")
def read_and_replaced(world):
    browser = world.town.before(world.town.card(), "register")
    bridge = Bridge(world.app, world.authority.issue(TARO, public_key=world.keys[0].public_key()), world.keys[0])
    bridge.claim(browser.start("sign-in"))
    browser.get("/completion")
    browser.post("/completion", code=bridge.answer().json["completion_url"].partition("#")[2])
    return code_of(browser.get("/registration"))


# A card session, before its completion.


@ends("card session", "5 minutes, prolonged three times at most")
def waited_too_long(world):
    citizen = Citizen(world.app)
    name = {"pairing_code": citizen.start().value("data-pairing-code")}
    for _ in range(4):
        world.clock.forward(minutes=4)
        citizen.post(f"{citizen.waiting}/time")
    world.clock.forward(minutes=4)
    return Bridge(world.app, None, None).claim(**name).json["code"]


def waiting(world):
    citizen = Citizen(world.app)
    page, bridge = citizen.start(), Bridge(world.app, world.town.card(), world.keys[0])
    return citizen, bridge, page


@ends("card session", "it is cancelled")
def cancelled_by_the_citizen(world):
    citizen, bridge, _ = waiting(world)
    bridge.claim(citizen.page)
    citizen.post(f"{citizen.waiting}/cancel")
    return bridge.answer().json["code"]


@ends("card session", "its browser begins another")
def begun_anew(world):
    citizen, bridge, _ = waiting(world)
    bridge.claim(citizen.page)
    citizen.start()
    return bridge.answer().json["code"]


@ends("card session", "a second bridge claims it")
def claimed_twice(world):
    _, bridge, page = waiting(world)
    bridge.claim(page)
    Bridge(world.app, None, None).claim(page)
    return bridge.answer().json["code"]


@ends("card session", "five wrong sets of digits")
def wrong_digits(world):
    citizen, bridge, page = waiting(world)
    bridge.claim(pairing_code=page.value("data-pairing-code"))
    digits = bridge.answer().json["completion_code"]
    for _ in range(4):
        citizen.post(f"{citizen.waiting}/completion", completion_code="x")
    told = code_of(citizen.post(f"{citizen.waiting}/completion", completion_code="x"))
    assert code_of(citizen.post(f"{citizen.waiting}/completion", completion_code=digits)) != "completion-code-wrong"
    return told


# Staff.


def of_staff(reason):
    def kept(act):
        def scenario(world):
            world.browser = goes_on(signed_in_staff(world.app), "/staff")
            with list_of_staff(world.browser) as (staff_list, staff_id):
                world.list, world.staff_id = staff_list, staff_id
                act_told = act(world)
            return act_told or code_of(world.browser.get("/staff"))

        return ends("staff, signed in", reason)(scenario)

    return kept


@of_staff("they are suspended")
def suspended(world):
    world.list.suspend(world.staff_id)


@of_staff("they were suspended and are back")
def suspended_and_back(world):
    world.list.suspend(world.staff_id)
    world.list.resume(world.staff_id)


@of_staff("a role or provider changes")
def another_role(world):
    with acting(db.session):
        db.session.get(Staff, world.staff_id).roles = ["operator"]


@of_staff("their passkeys are forgotten")
def passkeys_forgotten(world):
    world.list.new_link(world.staff_id, forget_passkeys=True)


@ends("staff, signed in", "their provider is suspended")
def provider_suspended(world):
    staff = goes_on(signed_in_staff(world.app, "司書 一郎", (Role.PROVIDER,), provider=LIBRARY), "/provider")
    with world.app.app_context():
        world.town.services.providers.suspend(LIBRARY)
    return code_of(staff.get("/provider"))


@of_staff("30 minutes without use, polls or not")
def staff_idle(world):
    return without_use(world, world.browser, "/staff")


@of_staff("12 hours")
def staff_old(world):
    return in_use(world, world.browser, "/staff", 12)


@of_staff("they sign out")
def staff_signed_out(world):
    world.browser.post("/sign-out")


@of_staff("a citizen signs in there")
def replaced_by_a_citizen(world):
    card = world.town.card()
    world.town.register(card)
    bridge = Bridge(world.app, card, world.keys[0])
    bridge.claim(world.browser.start("sign-in"))
    world.browser.get("/completion")
    world.browser.post("/completion", code=bridge.answer().json["completion_url"].partition("#")[2])
    goes_on(world.browser, "/account")


@ends("staff link", "a passkey is stored")
def link_used(world):
    staff = added_staff(world.app)
    staff.enrol()
    return code_of(staff.open_link())


@ends("staff link", "24 hours")
def link_old(world):
    staff = added_staff(world.app)
    world.clock.forward(hours=23, minutes=59)
    staff.open_link()
    goes_on(staff, "/staff/passkey")
    world.clock.forward(minutes=1)
    return code_of(staff.get("/staff/passkey"))


@ends("staff link", "a newer link is made")
def link_replaced(world):
    staff = added_staff(world.app)
    staff.open_link()
    with list_of_staff(staff) as (staff_list, staff_id):
        staff_list.new_link(staff_id)
    return code_of(staff.make_passkey())


@ends("staff link", "its person is suspended")
def link_of_a_suspended(world):
    staff = added_staff(world.app)
    staff.open_link()
    with list_of_staff(staff) as (staff_list, staff_id):
        staff_list.suspend(staff_id)
    return code_of(staff.make_passkey())


# Passkey challenges.


@ends("passkey challenge", "it was answered")
def challenge_answered(world):
    clerk = signed_in_staff(world.app)
    clerk.get("/staff/sign-in")
    clerk.post("/staff/sign-in", credential="{}")
    return code_of(clerk.post("/staff/sign-in", credential="{}"))


@ends("passkey challenge", "5 minutes")
def challenge_old(world):
    clerk = signed_in_staff(world.app)
    clerk.get("/staff/sign-in")
    world.clock.forward(minutes=5)
    return code_of(clerk.post("/staff/sign-in", credential=clerk.authenticator.get(clerk.options())))


@ends("passkey challenge", "another tab signs in")
def another_tab_won(world):
    clerk = signed_in_staff(world.app)
    clerk.get("/staff/sign-in")
    page, challenge = clerk.page, clerk.challenge
    answer = clerk.authenticator.get(clerk.options())
    clerk.sign_in()
    clerk.page = page
    told = code_of(clerk.post("/staff/sign-in", challenge=challenge, credential=answer))
    goes_on(clerk, "/staff")
    return told


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


# Terminals.


@ends("terminal page", "the operator withdraws the terminal")
def page_withdrawn(world):
    tablet = Tablet(world.town)
    goes_on(tablet, "/reception")
    with world.app.app_context():
        world.town.services.terminals.revoke(tablet.terminal.terminal_id)
    return code_of(tablet.get("/reception"))


@ends("terminal page", "it is locked")
def page_locked(world):
    tablet = Tablet(world.town)
    tablet.post("/reception/lock")
    tablet.post("/reception/reading", step="card")
    return {"/reception/locked": "terminal-locked"}[tablet.address]


@ends("terminal token", "the operator withdraws the terminal")
def token_withdrawn(world):
    tablet = Tablet(world.town)
    with world.app.app_context():
        world.town.services.terminals.revoke(tablet.terminal.terminal_id)
    headers = {"Authorization": f"Bearer {tablet.token}"}
    return tablet.client.post("/api/v1/taps", json={}, headers=headers, base_url=tablet.base).json["code"]
