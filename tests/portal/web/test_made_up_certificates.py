"""Whatever certificate is made up, every entrance answers with a documented code, and its nonce is spent.

The suite tries few, always the same; `make fuzz` tries as many as it is told, always others. Each goes to one entrance
after the other.
"""

import io
import os
from base64 import b64encode
from collections import Counter
from random import SystemRandom
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from portal.domain.card_session import Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.extensions import db
from portal.models import CardSession
from portal.pki.token import signed_message
from portal.services.operation.authorities import Authorities
from portal.web.problems import PROBLEMS
from tests.conftest import NOW
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.pki.made_up import DATES, Dice, Maker, attribute, name
from tests.pki.resigned import tlv
from tests.portal.actors.pages import Citizen
from tests.portal.actors.town import LIBRARY, Town

FUZZ = int(os.environ.get("FUZZ", "0"))
SEED = SystemRandom().randrange(1 << 32) if FUZZ else 13
CODES = set(map(str, PROBLEMS))


class Entrances:
    """Every way in for a certificate; each returns the status and the code, if there is one."""

    def __init__(self, town, instance):
        self.town, self.app, self.instance = town, town.app, instance
        self.base = {"base_url": town.services.settings.origin}
        with self.app.app_context():
            terminal, codes = town.services.terminals.add(LIBRARY, "受付")
            self.token = town.services.enrolment.enrol_bridge(codes.bridge)[1]
            self.terminal = terminal.terminal_id
        self.client, self.citizen = self.app.test_client(), Citizen(self.app)
        self.csrf = self.citizen.get("/certificate").csrf_token

    def call(self, address, token, **body):
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.client.post(f"/api/v1/{address}", json=body, headers=headers, **self.base)
        return answer.status_code, (answer.json or {}).get("code")

    def answers(self, der, purpose=Purpose.REGISTER):
        with self.app.app_context():
            started, flow = self.town.services.card_sessions.start(purpose, None)
        claim = self.client.post("/api/v1/bridge/claims", json={"handle": flow.handle}, **self.base).json
        message = signed_message(self.base["base_url"], claim["nonce"], "sha256")
        fields = {"format": "web-eid:1.0", "algorithm": "RS256", "appVersion": "https://bridge.invalid/1"}
        fields["signature"] = b64encode(self.town.keys[0].sign(message, PKCS1v15(), SHA256())).decode()
        told = self.call("bridge/answers", claim["claim"], unverifiedCertificate=b64encode(der).decode(), **fields)
        with self.app.app_context():
            held = db.session.scalars(select(CardSession).where(CardSession.card_session_id == started)).one()
            assert held.nonce_spent
            assert held.state == (State.ANSWERED if told[0] == 200 else State.ENDED)
        return told

    def shown(self, der):
        return self.answers(der, Purpose.SHOW)

    def inquiries(self, der):
        return self.call("inquiries", self.token, certificate=b64encode(der).decode())

    def service_links(self, der):
        return self.call("service-links", self.token, certificate=b64encode(der).decode(), service_id="000123")

    def taps(self, der):
        return self.call("taps", self.token, certificate=b64encode(der).decode())

    def viewer(self, der):
        data = {"csrf_token": self.csrf, "file": (io.BytesIO(der), "mine.cer")}
        return self.citizen.client.post("/certificate", data=data, **self.base).status_code, None

    def text_file(self, der):
        data = {"csrf_token": self.csrf, "certificate": b64encode(der).decode(), "format": "text"}
        return self.citizen.client.post("/certificate/file", data=data, **self.base).status_code, None

    def trust_add(self, der):
        (self.instance / "it.cer").write_bytes(der)
        try:
            Authorities(self.instance / "none", NOW).candidate(self.instance / "it.cer")
        except CommandRefused as refusal:
            return 422, refusal.code
        return 200, None

    def each(self, der, only=None):
        self.town.services.limiter.windows.clear()
        ways = (self.answers, self.shown, self.inquiries, self.service_links, self.taps)
        ways += (self.viewer, self.text_file, self.trust_add)
        for way in ways if only is None else ways[only % len(ways) :][:1]:
            status, code = way(der)
            assert status < 500, way.__name__
            assert code is None or code in CODES or code == Code.AUTHORITY_UNUSABLE, (way.__name__, code)
            yield way.__name__, status, code


@pytest.fixture
def entrances(app_with, authority, keys, clock, tmp_path):
    return Entrances(Town(app_with(terminal_calls=10**6), authority, keys, clock), tmp_path)


@pytest.fixture
def maker(authority, keys):
    return Maker(authority, keys[0].public_key())


def test_the_ordinary_card_among_them_comes_through(entrances, maker):
    found = SimpleNamespace(**{way: (status, code) for way, status, code in entrances.each(maker.make(signed=True))})
    assert (found.answers, found.shown, found.viewer, found.text_file) == ((200, None),) * 4
    assert {found.inquiries, found.service_links, found.taps} == {(404, "mykey-id-not-registered")}
    assert found.trust_add == (422, "authority-unusable")


def test_what_anybody_can_make_is_malformed_everywhere(entrances, maker):
    for odd in (
        {"begin": tlv(*DATES[0])},
        {"subject": name(attribute(bytes.fromhex("550403"), 3, b"\0A"))},
        {"issuer": name(attribute(bytes.fromhex("550403"), 3, b"\0A"))},
    ):
        found = {way: (status, code) for way, status, code in entrances.each(maker.make(**odd))}
        assert found.pop("trust_add") == (422, "authority-unusable")
        assert found.pop("viewer") == (422, None)
        assert set(found.values()) == {(422, "certificate-malformed"), (422, None)}


def test_whatever_is_made_up_gets_a_documented_code(entrances, maker):
    found = Counter()
    for number, (told, made) in zip(range(FUZZ or 240), Dice(maker, SEED), strict=False):
        try:
            found.update(entrances.each(made, number))
        except BaseException as error:
            error.add_note(f"seed {SEED}: {told}: {made.hex()}")
            raise
    print(f"seed {SEED}:", *sorted(found.items(), key=str), sep="\n")  # noqa: T201 - the report of `make fuzz`
    codes = {code for _, _, code in found}
    assert {"certificate-malformed", "certificate-wrong-kind", "certificate-not-trusted"} < codes
