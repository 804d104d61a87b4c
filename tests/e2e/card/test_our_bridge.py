"""reader_bridge with a virtual card against the portal: over https as in production, over http on loopback."""

import io
import json
import re
from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from playwright.sync_api import expect

from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.conversation.session import converse
from reader_bridge.errors import PortalUntrusted
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings
from reader_bridge.portal.way_out import trust_context
from tests.authority import Authority
from tests.conftest import VALID
from tests.e2e.browser import launch_link, pairing_code, press_register, see_signed_in, start, type_digits
from tests.e2e.citizen_ui import CitizenUI
from tests.tls import make_authority

PIN = "1234"


@pytest.fixture(scope="session")
def genuine_looking():
    """An authority of the test's own, under the name that production insists on."""
    return Authority.create(organisation="JPKI", not_before=VALID["not_before"], not_after=VALID["not_after"])


@pytest.fixture
def readers(keys, trusted_authority):
    certificate = trusted_authority.issue(public_key=keys[0].public_key()).public_bytes(Encoding.DER)
    readers = VirtualReaders()
    readers.insert(VirtualCard(certificate=certificate, key=keys[0], authority_certificate=None, pin=PIN))
    return readers


@pytest.fixture(params=["https", "http"])
def trusted_authority(request, genuine_looking, authority):
    return genuine_looking if request.param == "https" else authority


@pytest.fixture
def tls(trusted_authority, genuine_looking, tmp_path):
    """The private authority that the bridge is told to trust; nothing for http."""
    return make_authority(tmp_path) if trusted_authority is genuine_looking else None


@pytest.fixture
def portal(serve, instance, tls, trusted_authority):
    (instance / "trust" / "demo.pem").write_bytes(trusted_authority.pem())
    if not tls:
        return serve()
    return serve(host="localhost", tls=tls.listener, demo_reader=None, revocation="none")


@pytest.fixture
def browser(new_browser, portal):
    return new_browser(portal, ignore_https_errors=True)


@pytest.fixture
def posted(portal):
    """Note what is posted as an answer."""
    bodies = []

    def note(environ):
        if environ["PATH_INFO"] == "/api/v1/bridge/answers":
            bodies.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            environ["wsgi.input"] = io.BytesIO(bodies[-1])

    portal.before = note
    return bodies


@pytest.fixture
def converse_with(portal, tls, readers):
    """Hold a conversation as `reader-bridge` does, with a citizen who types the PIN."""

    def hold(*, trust=tls and tls.trusted, **name):
        ui = CitizenUI(PIN)
        client = PortalClient(Origin.parse(portal.origin), trust=trust_context(trust))
        origins = Origins(Settings(http_origins=frozenset({portal.origin})))
        converse(client, readers, ui, origins=origins, **name)
        return ui

    return hold


def test_the_journey_by_launch_link(page, browser, portal, converse_with):
    link = LaunchLink.parse(launch_link(start(page)))
    ui = converse_with(handle=link.handle)
    assert str(link.origin) == portal.origin
    assert ui.shown == [("new-origin", portal.origin), ("consent", "register", {}), ("url", ui.url)]
    opened = browser.new_page()
    opened.goto(ui.url)
    press_register(opened)
    see_signed_in(opened)


def test_the_journey_by_pairing_code(page, portal, converse_with):
    ui = converse_with(pairing_code=pairing_code(start(page)).lower())
    assert ui.code_for == portal.origin
    type_digits(page, ui.code)
    press_register(page)


def test_the_posted_token_is_a_web_eid_token_to_the_letter(page, portal, converse_with, posted, monkeypatch):
    nonces = []
    claimed = PortalClient.claim
    monkeypatch.setattr(PortalClient, "claim", lambda *a, **b: nonces.append(claim := claimed(*a, **b)) or claim)
    converse_with(handle=LaunchLink.parse(launch_link(start(page))).handle)
    token = json.loads(posted[0])
    assert token.keys() == {"format", "unverifiedCertificate", "algorithm", "signature", "appVersion"}
    assert (token["format"], token["algorithm"]) == ("web-eid:1.0", "RS256")
    assert re.fullmatch(r"https://\S+/\d+\.\d+(\.\d+)?", token["appVersion"])
    certificate = load_der_x509_certificate(b64decode(token["unverifiedCertificate"], validate=True))
    assert len(token["signature"]) == 344  # 256 bytes, padded, in one line
    message = sha256(portal.origin.encode()).digest() + sha256(nonces[0].nonce.encode()).digest()
    signature = b64decode(token["signature"], validate=True)
    certificate.public_key().verify(signature, message, PKCS1v15(), SHA256())


@pytest.mark.parametrize("trusted_authority", ["https"], indirect=True)
def test_under_https_the_cookies_are_bound_to_the_host(page, browser):
    start(page)
    cookies = {cookie["name"]: cookie for cookie in browser.cookies()}
    assert cookies.keys() == {"__Host-mykey", "__Host-mykey-flow"}
    for cookie in cookies.values():
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    expect(page.locator(".remark")).to_have_text("電子証明書の有効性確認は行われていません。")


@pytest.mark.parametrize("trusted_authority", ["https"], indirect=True)
def test_a_bridge_that_was_not_told_of_the_private_authority_speaks_to_nobody(page, converse_with, posted):
    with pytest.raises(PortalUntrusted):
        converse_with(handle=LaunchLink.parse(launch_link(start(page))).handle, trust=None)
    assert posted == []
    assert page.locator('[data-card-session="started"]').count() == 1
