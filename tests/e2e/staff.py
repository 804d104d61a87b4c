"""Staff at a real browser, whose authenticator is the browser's own virtual one (portal at http://localhost)."""

import re

import pytest

from portal.domain.roles import Role
from tests.portal.actors.authenticator import Authenticator
from tests.portal.actors.staff import session_of_staff

SIGNED_IN = re.compile(r"/(staff|operator/day)$")
"""Where staff come to, and an operator."""
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def portal(serve):
    """Serve at a name: passkeys are bound to one, and loopback's is a secure context."""
    return serve(host="localhost")


def plug_in_authenticator(page, **changes):
    """Give a page an authenticator without passkeys; return the CDP session and the authenticator's name."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | changes})
    return cdp, added["authenticatorId"]


def add_staff(portal, *who):
    """Add somebody as `mykey staff add` does; return their one-time link."""
    return f"{portal.origin}/staff/enrol#{_token(portal, *who)}"


def _token(portal, name="窓口 花子", roles=(Role.CLERK,), provider=None):
    with portal.app.app_context():
        return portal.app.extensions["mykey"].staff.add(name, roles, provider)[1]


def enrol(page, link):
    """Open the one-time link, and make the passkey."""
    page.goto(link)
    page.wait_for_url("**/staff/passkey")
    page.click("form[data-passkey] button")
    page.wait_for_url(SIGNED_IN)


def sign_in_staff(portal, page, *who):
    """Sign somebody new in at this page's browser, as if the pages of the one-time link were behind them.

    Return the CDP session and the name of the page's authenticator, which has their passkey.
    """
    passkey = Authenticator(portal.origin)
    cookie, value = session_of_staff(portal.app, _token(portal, *who), passkey)
    page.context.add_cookies([{"name": cookie, "value": value, "url": portal.origin}])
    cdp, name = plug_in_authenticator(page)
    cdp.send("WebAuthn.addCredential", {"authenticatorId": name, "credential": passkey.as_chromium_has_it()})
    page.goto("/staff")
    return cdp, name
