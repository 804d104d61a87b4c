"""A visit at the municipal counter: its steps, and how the clerk has seen who the visitor is."""

from enum import StrEnum

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.reason import Reason, read_note


class Step(StrEnum):
    """Where a visit is, in this order."""

    IDENTITY = "identity"
    OLD_CARD = "old-card"
    NEW_CARD = "new-card"
    CHECK = "check"
    DONE = "done"


class Identity(StrEnum):
    """By what the clerk has confirmed who the visitor is; kept in visits and in the audit chain.

    A document that would tell of the person's health is one of the others with a photo, which need no name.
    """

    MY_NUMBER_CARD = "my-number-card"
    DRIVING_LICENCE = "driving-licence"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence-card"
    OTHER_WITH_PHOTO = "other-with-photo"
    TWO_DOCUMENTS = "two-documents"


def read_identity(chosen: str, note: str) -> tuple[Identity, Reason | None]:
    """Return what was chosen, and what was written beside it.

    Raises AskAgain: identity-missing, identity-note-missing, reason-malformed.
    """
    if chosen not in set(Identity):
        raise AskAgain(Code.IDENTITY_MISSING)
    identity, written = Identity(chosen), read_note(note)
    if identity is Identity.TWO_DOCUMENTS and written is None:  # it says too little without their names
        raise AskAgain(Code.IDENTITY_NOTE_MISSING)
    return identity, written
