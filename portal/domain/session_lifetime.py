"""How long somebody who signed in stays so; the kinds of sessions and their ends are in docs/threat-model.md."""

from datetime import timedelta

IDLE = timedelta(minutes=30)
CITIZEN, STAFF = timedelta(hours=8), timedelta(hours=12)
"""From the sign-in on, however busy the session is."""
