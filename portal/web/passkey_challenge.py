"""The challenge that a passkey signs: kept in this browser's session for five minutes, and good for one answer."""

from datetime import datetime, timedelta

from flask import session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.web.access import services

CHALLENGE_LIFETIME = timedelta(minutes=5)


def new_challenge() -> str:
    """Keep a new challenge in this browser's session; an older one is gone."""
    challenge = services().passkeys.new_challenge()
    session["challenge"] = {"text": challenge, "until": (services().clock() + CHALLENGE_LIFETIME).isoformat()}
    return challenge


def take_challenge() -> str:
    """Take the challenge out of the session before anything is verified, so that it serves once."""
    kept = session.pop("challenge", None)
    if kept is None or datetime.fromisoformat(kept["until"]) <= services().clock():
        raise PortalError(Code.FORM_EXPIRED)
    return str(kept["text"])
