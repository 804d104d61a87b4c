"""The challenge that a passkey signs: kept in this browser's session for five minutes, and good for one answer."""

from datetime import datetime, timedelta

from flask import request, session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.web.access import services

CHALLENGE_LIFETIME = timedelta(minutes=5)
TABS = 8
"""So many challenges are kept, the newest ones: each tab has its own."""


def new_challenge() -> str:
    """Keep a new challenge in this browser's session, beside those of other tabs."""
    challenge = services().passkeys.new_challenge()
    until = (services().clock() + CHALLENGE_LIFETIME).isoformat()
    session["challenges"] = [*session.get("challenges", []), (challenge, until)][-TABS:]
    return challenge


def take_challenge() -> str:
    """Take the challenge of this form out of the session before anything is verified, so that it serves once."""
    kept, challenge = dict(session.get("challenges", [])), request.form.get("challenge", "")
    until = kept.pop(challenge, None)
    session["challenges"] = list(kept.items())
    if until is None or datetime.fromisoformat(until) <= services().clock():
        raise PortalError(Code.FORM_EXPIRED)
    return challenge
