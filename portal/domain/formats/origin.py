"""An origin (bridge-protocol, "Three rules"): https://host or https://host:port, compared byte for byte."""

import re

LONGEST_URL = 2000
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = (
    rf"(?!(?:[^:]*\.)?(?:[0-9]+|0x[0-9a-f]*)(?::|$))(?:{_LABEL}\.)*{_LABEL}"  # no address: its last label is a number
)
_PORT = "(?::([1-9][0-9]{0,4}))?"
_HTTPS = re.compile(rf"https://{_NAME}{_PORT}")
_LOOPBACK = re.compile(rf"http://(?:localhost|127\.0\.0\.1|\[::1\]){_PORT}")


def origin_of(address: str) -> str:
    """Return what of an address may be told: nothing after its host."""
    return "/".join(address.split("/")[:3])


def is_handoff_url(text: str) -> bool:
    """Tell whether a business system may be told at this address: at an origin, without a user's name or a fragment."""
    match = re.fullmatch(r"(https?://[^/]+)(?:/[!\"$-\[\]-~]*)?", text)
    return match is not None and len(text) <= LONGEST_URL and is_origin(match[1])


def is_origin(text: str) -> bool:
    """Tell whether the text is an origin as the protocol wants it; http is one on loopback alone."""
    pattern, default_port = (_HTTPS, "443") if text.startswith("https") else (_LOOPBACK, "80")
    match = pattern.fullmatch(text)
    if match is None or len(text) > 255:  # noqa: PLR2004
        return False
    port = match[1]
    return port is None or (port != default_port and int(port) <= 65535)  # noqa: PLR2004
