"""What a bridge calls itself in `User-Agent` (bridge-protocol, "Every call"): believed for words alone."""

import re

_NAME = re.compile(r"([A-Za-z0-9._+-]{1,32}/[A-Za-z0-9._+-]{1,32})(?: |$)")
_OURS = re.compile(r"reader-bridge/([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})(?![0-9])")


def bridge_named(user_agent: str) -> str | None:
    """Return the first `name/version` of a User-Agent, or None where it names nothing."""
    found = _NAME.match(user_agent)
    return found and found[1]


def is_too_old(bridge: str | None, minimum: str) -> bool:
    """Tell whether a reader-bridge is older than `minimum` (1.2.0); others have numbers of their own."""
    found, wanted = _OURS.match(bridge or ""), _OURS.match(f"reader-bridge/{minimum}")
    return bool(found and wanted and [*map(int, found.groups())] < [*map(int, wanted.groups())])
