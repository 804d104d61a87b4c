"""Passkeys: what an authenticator may say, and what it may not."""

import json

import pytest

from portal.models import Passkey, StaffLink
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.authenticator import PRESENT, VERIFIED, Authenticator, to_bytes, to_text
from tests.portal.actors.staff import added_staff, code_of, count


def test_a_one_time_link_leads_to_a_passkey_and_in(hanako):
    assert "窓口 花子" in hanako.open_link().words
    page = hanako.make_passkey()
    assert hanako.address == "/staff"
    assert "窓口 花子" in page.words
    assert "窓口の職員" in page.words


def test_a_passkey_signs_in_without_a_typed_name(clerk):
    clerk.post("/sign-out")
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"
    assert "窓口 花子" in clerk.sign_in().words
    assert not [field for field in clerk.get("/staff/sign-in").all("input") if field["type"] != "hidden"]


def test_the_browser_is_asked_for_a_passkey_that_verifies_its_user_and_tells_whose_it_is(hanako):
    hanako.open_link()
    made = hanako.options()
    assert made["rp"]["id"] == "id.example.jp"
    assert made["attestation"] == "none"
    wanted = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert made["authenticatorSelection"] == wanted
    assert to_bytes(made["user"]["id"]) == hanako.staff_id.bytes
    hanako.get("/staff/sign-in")
    used = hanako.options()
    assert (used["rpId"], used["userVerification"], used["allowCredentials"]) == ("id.example.jp", "required", [])
    assert len({made["challenge"], used["challenge"]}) == 2


WRONG = {
    "origin": {"origin": "https://id.example.jp.evil.example"},
    "site": {"rp_id": "evil.example"},
    "unverified-user": {"flags": PRESENT},
    "absent-user": {"flags": VERIFIED},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_passkey_that_says_something_wrong_does_not_sign_in(clerk, wrong):
    clerk.post("/sign-out")
    vars(clerk.authenticator).update(wrong)
    assert code_of(clerk.sign_in()) == "passkey-refused"
    assert code_of(clerk.get("/staff")) == "staff-sign-in-needed"


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_passkey_that_says_something_wrong_is_not_stored_and_spends_no_link(hanako, app, wrong):
    right = dict(vars(hanako.authenticator))
    vars(hanako.authenticator).update(wrong)
    assert code_of(hanako.enrol()) == "passkey-refused"
    assert (count(app, Passkey), count(app, StaffLink)) == (0, 1)
    vars(hanako.authenticator).update(right)
    assert hanako.enrol().status == 200
    assert (count(app, Passkey), count(app, StaffLink)) == (1, 0)


def test_another_key_under_the_same_name_does_not_sign_in(clerk):
    thief = Authenticator(clerk.base)
    thief.credential_id, thief.owner, thief.count = clerk.authenticator.credential_id, clerk.staff_id.bytes, 5
    clerk.authenticator = thief
    assert code_of(clerk.sign_in()) == "passkey-refused"


def test_a_passkey_that_nobody_added_does_not_sign_in(clerk):
    clerk.authenticator.credential_id = b"unknown"
    assert code_of(clerk.sign_in()) == "passkey-refused"


def test_a_passkey_that_remembers_another_owner_does_not_sign_in(clerk, app):
    clerk.authenticator.owner = added_staff(app, "窓口 太郎").staff_id.bytes
    assert code_of(clerk.sign_in()) == "passkey-refused"


def test_a_count_that_goes_back_is_refused_and_noted(clerk, caplog):
    caplog.set_level("INFO", "portal.audit")
    for _ in range(3):
        clerk.sign_in()
    clerk.authenticator.count = 2
    assert code_of(clerk.sign_in()) == "passkey-refused"
    last = json.loads(caplog.messages[-1])
    assert last == {"event": "staff:session:refused", "staff": str(clerk.staff_id)}


def test_an_authenticator_that_does_not_count_signs_in_again_and_again(clerk):
    for _ in range(2):
        clerk.authenticator.count = -1
        assert clerk.sign_in().status == 200


def test_an_answer_serves_once(clerk):
    clerk.get("/staff/sign-in")
    answer = clerk.authenticator.get(clerk.options())
    assert clerk.post("/staff/sign-in", credential=answer).status == 200
    assert code_of(clerk.post("/staff/sign-in", credential=answer)) == "form-expired"
    clerk.get("/staff/sign-in")
    assert code_of(clerk.post("/staff/sign-in", credential=answer)) == "passkey-refused"


def test_a_wrong_answer_takes_the_challenge_with_it(clerk):
    clerk.post("/sign-out")
    clerk.get("/staff/sign-in")
    answer = clerk.authenticator.get(clerk.options())
    assert code_of(clerk.post("/staff/sign-in", credential="{}")) == "passkey-refused"
    assert code_of(clerk.post("/staff/sign-in", credential=answer)) == "form-expired"


def test_an_answer_to_another_browsers_challenge_does_not_sign_in(clerk, app):
    thief = added_staff(app, "窓口 太郎")
    clerk.get("/staff/sign-in")
    thief.get("/staff/sign-in")
    answer = clerk.authenticator.get(clerk.options())
    assert code_of(thief.post("/staff/sign-in", credential=answer)) == "passkey-refused"


def test_a_challenge_waits_for_five_minutes(clerk, clock):
    clerk.get("/staff/sign-in")
    clock.forward(minutes=5)
    answer = clerk.authenticator.get(clerk.options())
    assert code_of(clerk.post("/staff/sign-in", credential=answer)) == "form-expired"


def test_the_answer_of_one_ceremony_is_none_in_the_other(hanako):
    hanako.open_link()
    hanako.authenticator.owner = hanako.staff_id.bytes
    assert (
        code_of(hanako.post("/staff/passkey", credential=hanako.authenticator.get(hanako.options())))
        == "passkey-refused"
    )
    hanako.enrol()
    hanako.get("/staff/sign-in")
    made = hanako.authenticator.create({"user": {"id": to_text(b"x")}} | hanako.options())
    assert code_of(hanako.post("/staff/sign-in", credential=made)) == "passkey-refused"


def odd(**changes):
    answer = {"id": "AA", "rawId": "AA", "type": "public-key"}
    texts = dict.fromkeys(("clientDataJSON", "authenticatorData", "signature", "attestationObject"), "AA")
    return json.dumps(answer | {"response": texts | changes})


ODD = [
    *("", "null", "[]", "{}", '{"id": 1}', "[" * 9000, "\x00", '{"id": "\\ud800", "rawId": "\\ud800"}', odd()),
    *(
        odd(userHandle="A"),
        odd(userHandle=1),
        odd(clientDataJSON="\ud800"),
        odd(attestationObject="v7-_"),
        "x" * 60_000,
    ),
    *(odd(attestationObject=to_text(b"\xa3" + b"\x9f" * 2000)), odd(attestationObject=to_text(b"\xbb" + b"\xff" * 8))),
]


@pytest.mark.parametrize("answer", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_answer_of_an_authenticator_is_refused(hanako, answer):
    answer = answer.encode("utf-8", "surrogatepass")
    hanako.get("/staff/sign-in")
    assert code_of(hanako.post("/staff/sign-in", credential=answer)) == "passkey-refused"
    hanako.open_link()
    assert code_of(hanako.post("/staff/passkey", credential=answer)) == "passkey-refused"


@pytest.mark.parametrize("key", [{}, {1: 2, 3: -7}, {1: 2, 3: -7, -1: 1, -2: b"", -3: b""}, {1: 9, 3: -7}, 7, "x" * 99])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_passkey_without_a_usable_public_key_is_not_stored(hanako, app, key):
    hanako.authenticator.public_key = key
    assert code_of(hanako.enrol()) == "passkey-refused"
    assert count(app, Passkey) == 0
