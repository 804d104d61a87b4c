"""An origin (bridge-protocol, "Three rules"): https://host or https://host:port, compared byte for byte."""

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)*{_LABEL}|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(rf"(https?)://({_HOST})(?::([1-9]\d{{0,4}}))?", re.ASCII)
_DEFAULT_PORT = {"http": "80", "https": "443"}
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def is_origin(text: str) -> bool:
    """Tell whether the text is an origin as the protocol wants it; http is one on loopback alone."""
    match = _ORIGIN.fullmatch(text)
    if not match or len(text) > 255:  # noqa: PLR2004
        return False
    scheme, host, port = match.groups()
    in_range = port is None or (port != _DEFAULT_PORT[scheme] and int(port) < 65536)  # noqa: PLR2004
    return in_range and (scheme == "https" or host in _LOOPBACK)
