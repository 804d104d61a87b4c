"""Rewriting the certificate on a card so that it bears the reserved ID: the authority's act, never ours."""

from typing import Protocol


class Rewriting(Protocol):
    """What a visit at the counter may ask of the authority."""

    offered: bool
    """Whether the clerk's page has a button for it."""

    def rewrite(self, issuer_key_id: str, serial_number: str, mykey_id: str) -> None:
        """Have the card that bears this certificate issued a new one with these 14 characters.

        Raises LookupError where no such card is here.
        """


class DoneElsewhere:
    """The authority's own terminal rewrites the card; we read it before and after."""

    offered = False

    def rewrite(self, issuer_key_id: str, serial_number: str, mykey_id: str) -> None:
        """Refuse: nobody can rewrite a card from here."""
        raise LookupError(issuer_key_id, serial_number, mykey_id)
