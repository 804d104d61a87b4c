"""The journey of the whole project: one person, two providers, and a new card by each proof of 継続性."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import request

from tests.conftest import NOW
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import message
from tests.portal.actors.pages import Citizen
from tests.portal.actors.town import LIBRARY, SHOP
from tests.portal.citizen.test_renewal import MOVED
from tests.portal.citizen.test_signed_actions import codes_on
from tests.portal.counter.test_correspondence_files import Operator, file, line
from tests.portal.counter.test_visits import DONE
from tests.portal.providers.test_terminal_api import enrolled, sent

STRINGS = ("FIRSTCARD12345", "SECONDCARD1234", "THIRDCARD12345", "FOURTHCARD1234")
SERVICE_IDS = {LIBRARY: "000123", SHOP: "ABCDEFGHI"}


@pytest.fixture(autouse=True)
def addresses(app):
    """See that no address of the journey has an ID in it."""
    seen = []
    app.before_request(lambda: seen.append(unquote(request.full_path)))
    yield
    said = "\n".join(seen)
    assert "/counter" in said
    assert [each for each in (*STRINGS, SERVICE_IDS[SHOP]) if each in said] == []
    assert re.findall(rf"[=/?&]{SERVICE_IDS[LIBRARY]}", said) == []


class Person:
    """Somebody at home with a card and a bridge."""

    def __init__(self, app):
        self.app, self.browser = app, Citizen(app)

    def read(self, card, purpose):
        """Start, let the bridge read the card with its PIN, and complete; return the page that follows."""
        bridge = Bridge(self.app, *card)
        if purpose in ("register", "sign-in"):
            page = self.browser.start(purpose)
        else:
            self.browser.get("/sign-in")
            page = self.browser.post("/card-sessions", purpose=purpose)
        bridge.claim(page)
        code = bridge.answer().json["completion_url"].partition("#")[2]
        self.browser.get("/completion")
        return self.browser.post("/completion", code=code)


@pytest.fixture
def person(app):
    return Person(app)


@pytest.fixture
def cards(counter_town):
    """Give the cards of one person, a year apart, each until the same day of the year."""
    until = NOW.replace(year=2032)
    years = (timedelta(days=360 * year - 30) for year in range(len(STRINGS)))
    return [
        counter_town.card(f"{string}07202002B", key % 3, issued=issued, not_after=until)
        for key, (string, issued) in enumerate(zip(STRINGS, years, strict=True))
    ]


def test_the_same_service_ids_after_each_way_to_a_new_card(counter_town, person, cards, clock):
    first, second, third, fourth = cards
    terminals = {provider: enrolled(counter_town, provider)[1] for provider in (LIBRARY, SHOP)}

    def tapped(card):
        replies = [terminal("inquiries", certificate=sent(card[0])) for terminal in terminals.values()]
        return {reply.json.get("service_id", reply.json.get("code")) for reply in replies}

    person.read(first, "register")
    person.browser.get("/registration?first=yes")
    assert message(person.browser.post("/registration")) == "正常に登録されました。"
    for provider, terminal in terminals.items():
        linked = terminal("service-links", certificate=sent(first[0]), service_id=SERVICE_IDS[provider])
        assert linked.status_code == 201
    assert tapped(first) == set(SERVICE_IDS.values())

    person.read(first, "carry-over")
    [code] = codes_on(person.browser.post("/acts"))
    clock.forward(days=360)
    person.read(second, "renew")
    assert message(person.browser.post("/renewal", way="code", carry_over_code=code)) == MOVED
    assert (tapped(second), tapped(first)) == (set(SERVICE_IDS.values()), {"mykey-id-not-registered"})

    clock.forward(days=360)
    at_the_counter(counter_town, second, third)
    assert (tapped(third), tapped(second)) == (set(SERVICE_IDS.values()), {"mykey-id-not-registered"})

    clock.forward(days=360)
    by_a_file(counter_town, third, fourth)
    person.read(fourth, "renew")
    assert message(person.browser.post("/renewal", way="correspondence")) == MOVED
    assert (tapped(fourth), tapped(third)) == (set(SERVICE_IDS.values()), {"mykey-id-not-registered"})
    assert STRINGS[-1] in person.browser.get("/account").words


def at_the_counter(counter_town, before, after):
    desk = counter_town.clerk()
    desk.open(STRINGS[1], "renewal")
    desk.read("before", before)
    desk.read("after", after)
    assert DONE in desk.finish().words


def by_a_file(counter_town, old, new):
    Operator(counter_town.app, "運営 一郎").load(file(line(counter_town, old, new)))
    Operator(counter_town.app, "運営 次郎").press("confirmation")
