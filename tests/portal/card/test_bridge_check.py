"""The purpose `test`: the page says which bridge it met, and no card is touched."""

import pytest

from portal.models import CardSession
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import rows
from tests.portal.actors.pages import Citizen


def claimed(citizen, bridge, user_agent):
    bridge.client.environ_base["HTTP_USER_AGENT"] = user_agent
    return bridge.claim(citizen.start("test"))


def test_the_page_names_the_bridge_and_it_ends_at_the_claim(app, citizen, bridge):
    reply = claimed(citizen, bridge, "reader-bridge/1.2.0 (Linux)")
    assert (reply.status_code, reply.json["purpose"], reply.json["parameters"]) == (201, "test", {})
    page = citizen.get(citizen.waiting)
    assert page.value("data-card-session") == "ended"
    assert "reader-bridge/1.2.0" in page.words
    assert "(Linux)" not in page.words
    assert "正しくやりとりできました" in page.words
    (left,) = rows(app, CardSession)
    assert (left.ending, left.nonce, left.certificate) == ("done", None, None)


def test_a_bridge_without_a_name_is_met_too(citizen, bridge):
    claimed(citizen, bridge, "<b>x</b>")
    page = citizen.get(citizen.waiting)
    assert "名前と版を伝えていません" in page.words
    assert "<b>" not in page.response.text


def test_one_that_is_too_old_does_not_understand(app_with, card):
    app = app_with(bridge_minimum="1.2.0")
    citizen = Citizen(app)
    assert claimed(citizen, Bridge(app, *card), "reader-bridge/1.1.0").json["code"] == "bridge-too-old"
    page = citizen.get(citizen.waiting)
    assert page.value("data-card-session") == "started"
    assert "古いので、使えません" in page.words


def test_what_comes_after_the_claim_comes_too_late(app, citizen, bridge):
    page = citizen.start("test")
    bridge.claim(page)
    assert bridge.answer().json["code"] == "card-session-ended"
    assert bridge.fail("no-card").json["code"] == "card-session-ended"
    assert Bridge(app, bridge.certificate, bridge.key).claim(page).json["code"] == "card-session-ended"
    assert citizen.get("/account").status == 403


@pytest.mark.parametrize("address", ["/", "/sign-in"])
def test_the_help_of_the_start_page_leads_there(citizen, address):
    assert "/bridge" in [link.get("href") for link in citizen.get(address).all("a")]
    page = citizen.get("/bridge")
    assert "test" in [field.get("value") for field in page.all("input") if field.get("name") == "purpose"]


def test_it_is_said_in_english(app, card):
    citizen = Citizen(app, "en")
    claimed(citizen, Bridge(app, *card), "reader-bridge/1.2.0")
    assert "can exchange data correctly" in citizen.get(citizen.waiting).words
