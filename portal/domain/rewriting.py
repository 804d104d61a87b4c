"""Rewriting the certificate on a card so that it bears the reserved ID: the authority's act, never ours."""

from typing import Protocol


class Rewriting(Protocol):
    """What a visit at the counter may ask of a demo's authority; the real one rewrites at its own terminal."""

    def rewrite(self, issuer_key_id: str, serial_number: str, mykey_id: str) -> None:
        """Have the card that bears this certificate issued a new one with these 14 characters.

        Raises LookupError where no such card is here.
        """
