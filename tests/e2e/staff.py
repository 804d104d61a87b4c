"""Staff at a real browser, whose authenticator is the browser's own virtual one (portal at http://localhost)."""

import re

import pytest

from portal.domain.roles import Role

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


def add_staff(portal, name="窓口 花子", roles=(Role.CLERK,), provider=None):
    """Add somebody as `mykey staff add` does; return their one-time link."""
    with portal.app.app_context():
        _, token = portal.app.extensions["mykey"].staff.add(name, roles, provider)
    return f"{portal.origin}/staff/enrol#{token}"


def enrol(page, link):
    """Open the one-time link, and make the passkey."""
    page.goto(link)
    page.wait_for_url("**/staff/passkey")
    page.click("form[data-passkey] button")
    page.wait_for_url(SIGNED_IN)


def sign_in_staff(portal, page, name="窓口 花子", roles=(Role.CLERK,), provider=None):
    """Sign a new member of staff in at this page, with a passkey of the page's own authenticator."""
    authenticator = plug_in_authenticator(page)
    enrol(page, add_staff(portal, name, roles, provider))
    return authenticator
