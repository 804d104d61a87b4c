"""What a portal is called: the text that the card signs, that TLS proves and that the bridge posts to."""

import re
import unicodedata
from dataclasses import dataclass

from reader_bridge.errors import OriginMalformed

MAX_LENGTH = 255
_MAX_PORT = 65535
_LOOPBACK = {"localhost": "localhost", "127.0.0.1": "127.0.0.1", "[::1]": "::1"}
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a host that ends in one is an address to a browser, not a name
_ORIGIN = re.compile(r"(https?)://(\[::1\]|[a-z0-9.-]+)(?::([1-9][0-9]{0,4}))?")
_PATH = re.compile(r"(?<=[^:/])[/?#].*", re.DOTALL)  # not the two slashes before the host
_DEFAULT_PORT = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Origin:
    """An origin in its one spelling; `str()` gives it back byte for byte (bridge-protocol "An origin")."""

    text: str
    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return self.text

    @property
    def authority(self) -> str:
        """What stands in the Host header."""
        return self.text.partition("://")[2]

    @property
    def is_http(self) -> bool:
        return self.scheme == "http"

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """Read an origin; anything but its one spelling raises OriginMalformed, nothing is mended."""
        match = _ORIGIN.fullmatch(text) if text.isascii() and len(text) <= MAX_LENGTH else None
        if match is None:
            raise OriginMalformed("not https://host or https://host:port")
        scheme, host, port_text = match.groups()
        port = int(port_text) if port_text else _DEFAULT_PORT[scheme]
        if port > _MAX_PORT or (port_text and port == _DEFAULT_PORT[scheme]):
            raise OriginMalformed("the port is out of range or the default one")
        if scheme == "http":
            return cls(text, scheme, _loopback(host), port)
        return cls(text, scheme, _host_name(host), port)

    @classmethod
    def typed(cls, text: str) -> "Origin":
        """Read what a person typed or pasted: full width and a page's path are no mistake. Raises OriginMalformed."""
        return cls.parse(_PATH.sub("", unicodedata.normalize("NFKC", text).strip()))


def _loopback(host: str) -> str:
    if host not in _LOOPBACK:
        raise OriginMalformed("http is for this machine alone")
    return _LOOPBACK[host]


def _host_name(host: str) -> str:
    if not _HOST_NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise OriginMalformed("the host is not a name in lower case")
    return host
