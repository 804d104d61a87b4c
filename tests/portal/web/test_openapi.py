"""The document says all that a call answers, and no call answers anything else."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from schemathesis.engine import events, from_schema
from schemathesis.generation import GenerationMode
from schemathesis.hooks import unregister_all

import portal
from portal.web.api.calls import CALLS
from portal.web.problems import PROBLEMS
from tests.conftest import VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen
from tests.portal.actors.tablet import sent
from tests.portal.actors.town import LIBRARY, NEW, TARO, Town

PROTOCOL = Path(portal.__file__).parents[1] / "docs" / "bridge-protocol.md"
EXAMPLES = int(os.environ.get("SOAK", "60")) // 10
"""So many bodies are made up for each call beside those that the document itself suggests; `make soak` makes more."""


@pytest.fixture
def town(app_with, authority, keys, clock):
    """Give a portal where the calls of the tests arrive, and its town."""
    return Town(app_with(origin="http://localhost", terminal_calls=10**6), authority, keys, clock)


@pytest.fixture(autouse=True)
def hooks():
    yield
    unregister_all()


@pytest.fixture
def document(town):
    return town.app.test_client().get("/openapi.json", headers={"Accept-Language": "en"}).json


def refusals(document):
    """Yield path, status and code of each refusal."""
    for path, item in document["paths"].items():
        for status, answer in item["post"]["responses"].items():
            if int(status) >= 400:
                for code, example in answer["content"]["application/problem+json"]["examples"].items():
                    assert example["value"]["code"] == code
                    yield path, int(status), code


def test_every_call_is_in_the_document_and_nothing_else_is(town, document):
    calls = {rule.rule for rule in town.app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert document["paths"].keys() == calls
    assert {rule.rule for rule in town.app.url_map.iter_rules() if rule.methods & {"POST"}} >= calls


def test_every_code_of_the_protocol_is_in_the_document_with_its_status(document):
    described = {(status, code) for _, status, code in refusals(document)}
    assert all(PROBLEMS[code].status in (status, 200) for status, code in described)
    errors = re.search(r"^## Errors$(.*?)^## ", PROTOCOL.read_text(), re.MULTILINE | re.DOTALL)[1]
    promised = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", errors)) & PROBLEMS.keys()
    assert len(promised) > 25
    assert promised - {code for _, code in described} == {"not-found"}  # which no call answers


def test_another_address_is_told_apart_as_the_document_says(town, document):
    reply = town.app.test_client().post("/api/v1/nothing", json={})
    assert (reply.status_code, reply.content_type, reply.json["code"]) == (
        404,
        "application/problem+json",
        "not-found",
    )
    assert "not-found" in document["info"]["description"]


def test_what_a_terminal_may_be_told_is_in_the_manual(document):
    manual = (PROTOCOL.parent / "api.md").read_text()
    told = {code for path, _, code in refusals(document) if "/bridge/" not in path}
    assert [code for code in sorted(told) if f"`{code}`" not in manual and not code.startswith("certificate-")] == []


class Caller:
    """Gives each call that is made up what lets it past the door: a token, a claim, a code or a card that is good."""

    def __init__(self, town):
        self.town, self.bridges, self.turn = town, {}, 0
        cards = [town.card(), town.card(TARO), town.card(NEW), town.card(not_after=town.clock() - timedelta(days=1))]
        other_key = generate_private_key(SECP256R1()).public_key()
        cards.append(town.authority.issue(public_key=other_key, **VALID))
        self.certificates = [sent(card) for card in [*cards, *cards[:2]]]
        for card in cards[:2]:
            town.register(card)
        with town.app.app_context():
            town.services.service_providers.known(LIBRARY).typed_mykey_ids = True
            _, codes = town.services.terminals.add(LIBRARY, "受付")
            self.token = town.services.enrolment.enrol_bridge(codes.bridge)[1]

    def token_for(self, case):
        """Return a terminal's token, or a fresh claim."""
        if not case.operation.path.startswith("/api/v1/bridge/"):
            return self.token
        bridge = Bridge(self.town.app, self.town.card(), self.town.keys[0])
        claim = bridge.claim(pairing_code=self.pairing_code()).json["claim"]
        self.bridges[f"Bearer {claim}"] = bridge
        return claim

    def pairing_code(self):
        return Citizen(self.town.app).start("sign-in").value("data-pairing-code")

    def enrolment_code(self):
        with self.town.app.app_context():
            return self.town.services.terminals.add(LIBRARY, "受付")[1].bridge

    def certificate(self):
        return self.certificates[self.turn % len(self.certificates)]

    def prepare(self, case):
        """Put good things into a body that has its right shape."""
        self.turn += 1
        self.town.services.limiter.windows.clear()
        if case.meta.generation.mode is not GenerationMode.POSITIVE:
            return
        for name in {"certificate", "enrolment_code", "pairing_code"} & case.body.keys():
            case.body[name] = getattr(self, name)()
        if "signature" in case.body and (bridge := self.bridges.get(case.headers.get("Authorization"))):
            case.body = bridge.token()


def strict(schema):
    """Let an answer have no field that the document does not name."""
    if isinstance(schema, dict):
        named = {"additionalProperties": False} if "properties" in schema else {}
        return {name: strict(part) for name, part in schema.items()} | named
    return [strict(part) for part in schema] if isinstance(schema, list) else schema


def run(document, app, caller=None):
    """Make calls up; return what was wrong, and which statuses each call gave."""
    schema = schemathesis.openapi.from_dict(strict(document))
    schema.app = app
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
    schema.config.checks.positive_data_acceptance.expected_statuses += ["422"]  # a card may have expired
    schema.config.checks.ignored_auth.enabled = False  # it asks WSGI for redirects; test_terminal_api has a table
    if caller:

        @schema.auth(refresh_interval=None)
        class Door:
            def get(self, case, _context):
                return caller.token_for(case)

            def set(self, case, token, _context):
                case.headers["Authorization"] = f"Bearer {token}"

        @schemathesis.hook
        def before_call(_context, case, _options):
            caller.prepare(case)

    wrong, seen = [], {}
    for event in from_schema(schema).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            wrong.append(event)
        if isinstance(event, events.ScenarioFinished):
            record = event.recorder
            wrong += [
                (event.label, check.name, str(check.failure_info.failure))
                for checks in record.checks.values()
                for check in checks
                if check.failure_info
            ]
            seen.setdefault(event.label, set()).update(
                sent.response.status_code for sent in record.interactions.values() if sent.response
            )
    return wrong, seen


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_calls_of_strangers_meet_nothing_undocumented(town, document):
    wrong, seen = run(document, town.app)
    assert wrong == []
    assert {status for call in seen.values() for status in call} >= {400, 401, 404, 405, 415}


def test_calls_that_get_past_the_door_meet_nothing_undocumented(town, document):
    wrong, seen = run(document, town.app, Caller(town))
    assert wrong == []
    assert [call.status for call in CALLS if call.status not in seen[f"POST /api/v1{call.path}"]] == []
