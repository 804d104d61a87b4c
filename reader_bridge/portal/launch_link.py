"""The link by which a portal's page starts the bridge."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from reader_bridge.errors import LaunchLinkMalformed, OriginMalformed
from reader_bridge.portal.origin import Origin

SCHEME = "mykey-bridge"
MAX_LENGTH = 512
_LINK = re.compile(
    rf"{SCHEME}:read\?origin=((?:[A-Za-z0-9._~-]|%3A|%2F|%5B|%5D)+)&handle=([A-Za-z0-9_-]{{22,64}})",
)


@dataclass(frozen=True)
class LaunchLink:
    """Where to go, and the one-time name of the card session there."""

    origin: Origin
    handle: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "LaunchLink":
        """Read a launch link to the letter (bridge-protocol "Launch link"), or raise LaunchLinkMalformed."""
        match = _LINK.fullmatch(text) if len(text) <= MAX_LENGTH and text.isascii() else None
        if match is None:
            raise LaunchLinkMalformed("not mykey-bridge:read?origin=…&handle=…")
        try:
            origin = Origin.parse(unquote(match[1]))
        except OriginMalformed as error:
            raise LaunchLinkMalformed(str(error)) from None
        return cls(origin, match[2])

    def written(self) -> str:
        """Write it as it was read."""
        return f"{SCHEME}:read?origin={quote(str(self.origin), safe='')}&handle={self.handle}"
