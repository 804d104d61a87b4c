"""The link into a business system: an address with one place for a service ID, which cannot change where it leads."""

import re

from portal.domain.formats.origin import LONGEST_URL, is_origin

PLACE = "{service_id}"
_CHARACTERS = r"[!-\[\]-z|~]*"  # ASCII to be seen, but for \ and braces
_TEMPLATE = re.compile(rf"(https?://[^/]+)/{_CHARACTERS}(?<!%)(?<!%[0-9A-Fa-f])\{{service_id}}{_CHARACTERS}")
"""What a % begins would take the first digits of a number for its own."""
_SERVICE_ID = re.compile(r"\.*[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""Nothing that means something in an address; dots alone would name a folder."""


def is_handoff_link(text: str, portal: str) -> bool:
    """Tell whether a portal (its origin) may lead to a business system by this template.

    To none of its own addresses, which hold no service ID; by http on loopback alone, where it speaks that itself.
    """
    match = _TEMPLATE.fullmatch(text)
    return (
        match is not None
        and len(text) <= LONGEST_URL
        and is_origin(match[1])
        and match[1] != portal
        and (text.startswith("https:") or portal.startswith("http:"))
    )


def handoff_link(template: str, service_id: str) -> str | None:
    """Put a service ID into a template; None for one that could change what the address means."""
    return template.replace(PLACE, service_id) if _SERVICE_ID.fullmatch(service_id) else None
