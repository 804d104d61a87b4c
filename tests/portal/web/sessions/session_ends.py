"""How sessions end: the scenarios are kept by session and reason, as docs/threat-model.md names them."""

from datetime import timedelta

from tests.portal.actors.staff import code_of

ENDS = {}


def ends(session, reason):
    """Keep a function that brings such a session, lets the reason come, and returns what the next request is told."""

    def kept(act):
        ENDS[session, reason] = act
        return act

    return kept


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
