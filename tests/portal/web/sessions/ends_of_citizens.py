"""How sessions of citizens end: signed in, with a card that was read, and while a card session waits."""

from datetime import timedelta

from tests.portal.actors.at_counter import Desk
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import added_staff, code_of, signed_in_staff
from tests.portal.actors.town import CHOSEN, HANAKO, TARO
from tests.portal.web.sessions.session_ends import ends, goes_on, in_use, without_use

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


@of_citizen("they stop the ID in another browser, or a clerk does")
def stopped_elsewhere(world):
    other = goes_on(world.town.signed_in(world.person_id), "/account")
    assert other.post("/account/stop").status == 200  # there it goes on
    assert code_of(world.browser.get("/account")) == "sign-in-needed"
    world.town.do("stop_codes", "resume", world.card, "resume")
    world.browser = goes_on(world.town.signed_in(world.person_id), "/account")
    desk = Desk(world.town, signed_in_staff(world.app))
    desk.open(HANAKO[:14], "stop")
    assert desk.stop().status == 200


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
    world.town.register(world.card)
    world.code, world.new = world.town.code_of(world.card), world.town.renewed()
    browser = world.town.before(world.new, "renew")
    assert browser.post("/renewal", way="code", carry_over_code=world.code).status == 200
    return goes_on(browser, "/renewal")


@ends("card whose act is done", "the record changes once more")
def changed_once_more(world):
    thief = act_done(world)
    world.town.do("renewal", "undo", world.card, "renew")
    assert code_of(thief.post("/renewal", way="code", carry_over_code=world.code)) == "sign-in-needed"
    told = code_of(thief.get("/renewal"))
    assert code_of(thief.get("/account")) == "sign-in-needed"
    return told


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
