"""How sessions of staff end, their links and challenges, and what a terminal has."""

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import Staff
from portal.transactions import acting
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.staff import added_staff, code_of, list_of_staff, signed_in_staff
from tests.portal.actors.tablet import Tablet
from tests.portal.actors.town import LIBRARY
from tests.portal.web.sessions.session_ends import ends, goes_on, in_use, without_use

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
