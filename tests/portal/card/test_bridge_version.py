"""Bridges older and newer than this portal: how they name themselves (bridge-protocol), and the codes they send."""

import pytest

from portal.domain.card_session import PASSING
from portal.domain.formats.bridge_version import bridge_named, is_too_old
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen


@pytest.fixture
def app(app_with):
    return app_with(bridge_minimum="1.2.0")


def named(bridge, user_agent):
    bridge.client.environ_base["HTTP_USER_AGENT"] = user_agent
    return bridge


@pytest.mark.parametrize("name", ["handle", "pairing_code"])
def test_a_bridge_that_is_too_old_is_told_the_minimum_and_a_newer_one_goes_on(citizen, bridge, name):
    page = citizen.start()
    by = {"page": page} if name == "handle" else {"pairing_code": page.value("data-pairing-code")}
    refused = named(bridge, "reader-bridge/1.1.9").claim(**by)
    assert (refused.status_code, refused.content_type) == (403, "application/problem+json")
    assert (refused.json["code"], refused.json["minimum"]) == ("bridge-too-old", "1.2.0")
    waiting = citizen.get(citizen.waiting)
    assert waiting.value("data-card-session") == "started"
    assert "読み取りプログラムが古いので" in waiting.words
    assert named(bridge, "reader-bridge/1.2.0").claim(**by).status_code == 201
    assert "古い" not in citizen.get(citizen.waiting).words
    assert bridge.answer().status_code == 200


def test_one_that_is_too_old_and_guesses_a_name_is_told_what_any_other_is(bridge):
    replies = [named(bridge, "reader-bridge/1.0.0").claim(pairing_code="23456789") for _ in range(11)]
    assert [each.status_code for each in replies] == [404] * 10 + [429]


def test_in_english_it_is_said_too(app, card):
    citizen = Citizen(app, "en")
    named(Bridge(app, *card), "reader-bridge/0.9.0").claim(citizen.start())
    assert "This card reader app is too old" in citizen.get(citizen.waiting).words


@pytest.mark.parametrize(
    "user_agent",
    [
        *["", "reader-bridge", "reader-bridge/", "reader-bridge/1", "reader-bridge/x.y.z", "other/0.1.0"],
        *[
            "reader-bridge/1.2.0",
            "reader-bridge/1.10.0",
            "reader-bridge/2.0.0 (Windows)",
            "reader-bridge/" + "9" * 5000,
        ],
    ],
)
def test_what_names_no_old_version_of_ours_is_believed(citizen, bridge, user_agent):
    assert named(bridge, user_agent).claim(citizen.start()).status_code == 201


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("reader-bridge/1.2.0", "reader-bridge/1.2.0"),
        ("reader-bridge/1.2.0 (Linux)", "reader-bridge/1.2.0"),
        ("other-bridge/0.1+local", "other-bridge/0.1+local"),
        ("", None),
        ("reader-bridge", None),
        (" reader-bridge/1.2.0", None),
        ("reader-bridge/1.2.0<b>", None),
        ("リーダー/1", None),
        ("x/" + "1" * 33, None),
    ],
)
def test_a_name_is_short_and_plain_or_none(user_agent, name):
    assert bridge_named(user_agent) == name


@pytest.mark.parametrize(
    ("bridge", "minimum", "old"),
    [
        ("reader-bridge/1.2.0", "", False),
        ("reader-bridge/1.2.0", "1.2.1", True),
        ("reader-bridge/1.9.0", "1.10.0", True),
        ("reader-bridge/1.2.0.dev3", "1.2.0", False),
        (None, "1.2.0", False),
    ],
)
def test_versions_are_numbers_and_no_text(bridge, minimum, old):
    assert is_too_old(bridge, minimum) is old


@pytest.mark.parametrize("code", sorted(PASSING))
def test_a_passing_failure_is_shown_and_taken_back(citizen, bridge, code):
    bridge.claim(citizen.start())
    before = citizen.get(citizen.waiting).words
    assert bridge.fail(code).status_code == 204
    page = citizen.get(citizen.waiting)
    assert page.value("data-card-session") == "claimed"
    assert page.words != before
    assert bridge.fail("resolved").status_code == 204
    assert citizen.get(citizen.waiting).words == before
    assert bridge.answer().status_code == 200


@pytest.mark.parametrize("code", ["of-next-year", "nonce-used", "a"])
def test_a_failure_that_the_portal_does_not_know_passes_and_the_program_will_tell(citizen, bridge, code):
    bridge.claim(citizen.start())
    assert bridge.fail(code).status_code == 204
    page = citizen.get(citizen.waiting)
    assert page.value("data-card-session") == "claimed"
    assert "読み取りプログラムに出ている説明" in page.words
    assert bridge.answer().status_code == 200


@pytest.mark.parametrize("code", ["", "No Card", "no_card", "1", "x" * 65, "カード", "no-card\n"])
def test_a_failure_that_is_no_code_is_malformed(citizen, bridge, code):
    bridge.claim(citizen.start())
    refused = bridge.fail(code)
    assert (refused.status_code, refused.json["code"]) == (400, "request-malformed")
