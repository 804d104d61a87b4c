"""An origin (bridge-protocol, "Three rules"): https://host or https://host:port, compared byte for byte."""

import re

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = (
    rf"(?!(?:[^:]*\.)?(?:[0-9]+|0x[0-9a-f]*)(?::|$))(?:{_LABEL}\.)*{_LABEL}"  # no address: its last label is a number
)
_PORT = "(?::([1-9][0-9]{0,4}))?"
_HTTPS = re.compile(rf"https://{_NAME}{_PORT}")
_LOOPBACK = re.compile(rf"http://(?:localhost|127\.0\.0\.1|\[::1\]){_PORT}")
_ADDRESS = re.compile(r"([a-z]+://[^/?#]+)(?:/[!-\"$-~]*)?")


def is_origin(text: str) -> bool:
    """Tell whether the text is an origin as the protocol wants it; http is one on loopback alone."""
    pattern, default_port = (_HTTPS, "443") if text.startswith("https") else (_LOOPBACK, "80")
    match = pattern.fullmatch(text)
    if match is None or len(text) > 255:  # noqa: PLR2004
        return False
    port = match[1]
    return port is None or (port != default_port and int(port) <= 65535)  # noqa: PLR2004


def is_address(text: str, *, loopback: bool) -> bool:
    """Tell whether the text is an origin with a path, in ASCII; http is one on loopback where that is allowed."""
    match = _ADDRESS.fullmatch(text)
    return bool(match and len(text) <= 2000 and is_origin(match[1]) and (loopback or text.startswith("https")))  # noqa: PLR2004
