"""The road to a portal: verified TLS, to whichever address answers first, through the proxy that the system names."""

import http.client
import selectors
import socket
import ssl
from base64 import b64encode
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from urllib.parse import SplitResult, unquote, urlsplit

from reader_bridge.errors import ClockWrong, PortalUnreachable, PortalUntrusted
from reader_bridge.portal.bounded_reply import TIMEOUT, BoundedReply
from reader_bridge.portal.origin import Origin

_NEXT_ADDRESS = 0.25  # seconds until the next address is tried beside the ones before (RFC 8305)
_NOT_YET_VALID = 9  # X509_V_ERR_CERT_NOT_YET_VALID
_GLANCE = 3.0  # seconds
_HTTP_PORT = 80


def trust_context(extra: Path | None = None) -> ssl.SSLContext:
    """Trust the system's authorities, and those of one more PEM file where an operator runs their own."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if extra is not None:
        try:
            context.load_verify_locations(extra)
        except OSError:
            raise PortalUntrusted(f"{extra} is no PEM file of authorities") from None
    return context


class WayOut:
    """Connects to one origin; the address that answered is asked first the next time.

    `pins` are `sha256//<base64>` of the server key's SubjectPublicKeyInfo; any one of them must match.
    """

    def __init__(self, origin: Origin, trust: ssl.SSLContext | None, pins: Collection[str]) -> None:
        self._origin, self._trust, self._pins = origin, trust, frozenset(pins)
        self._answered: tuple[object, ...] | None = None

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection over which the portal has proved its name; raise PortalUnreachable, PortalUntrusted."""
        origin = self._origin
        if origin.is_http:
            return self._loopback()
        proxy = proxy_for(origin)
        host, port = (proxy.hostname or "", proxy.port or _HTTP_PORT) if proxy else (origin.host, origin.port)
        connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=self._trust or trust_context())
        connection.response_class = BoundedReply
        connection._create_connection = self._race  # type: ignore[attr-defined]  # noqa: SLF001 (as urllib3 does)
        if proxy:
            connection.set_tunnel(origin.host, origin.port, _credentials(proxy))
        try:
            connection.connect()
            self._check_pin(connection.sock)
        except ssl.SSLCertVerificationError as error:
            connection.close()
            if error.verify_code != _NOT_YET_VALID:
                raise
            raise ClockWrong(f"{datetime.now(UTC):%Y-%m-%d}{self._begins()}") from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _loopback(self) -> http.client.HTTPConnection:
        """Speak plain HTTP to this machine by address, so that no resolver and no proxy can lead elsewhere."""
        host, port = self._origin.host, self._origin.port
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        connection.response_class = BoundedReply
        try:
            connection.sock = socket.create_connection(("127.0.0.1" if host == "localhost" else host, port), TIMEOUT)
        except ConnectionRefusedError:
            if host != "localhost":
                raise
            connection.sock = socket.create_connection(("::1", port), TIMEOUT)
        return connection

    def _race(self, address: tuple[str, int], *_: object) -> socket.socket:
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)
        begun = first_to_answer(sorted(in_turns(found), key=lambda each: each[4] != self._answered))
        self._answered = begun.getpeername()
        return begun

    def _check_pin(self, tls: ssl.SSLSocket) -> None:
        if self._pins and key_pin(tls.getpeercert(binary_form=True) or b"") not in self._pins:
            raise PortalUntrusted("the portal's key is not the pinned one")

    def _begins(self) -> str:
        """Return the first day of the portal's certificate, for a sentence alone; nothing is sent, nothing believed."""
        from cryptography import x509  # noqa: PLC0415 (only where it failed)

        from reader_bridge.card.certificate_text import validity  # noqa: PLC0415

        if proxy_for(self._origin):
            return ""
        with suppress(OSError, ValueError):
            seen = ssl.get_server_certificate((self._origin.host, self._origin.port), timeout=_GLANCE)
            return f" < {validity(x509.load_pem_x509_certificate(seen.encode()))[0]:%Y-%m-%d}"
        return ""


def proxy_for(origin: Origin) -> SplitResult | None:
    """Return the proxy that the system names (HTTPS_PROXY, NO_PROXY; on Windows and macOS its settings)."""
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 (slow to import)

    named = getproxies().get("https")
    if origin.is_http or not named or proxy_bypass(origin.authority):
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise PortalUnreachable(f"no proxy is reached by {proxy.scheme}")
    return proxy


def in_turns(found: Collection[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Take the addresses of each family in turns, in the resolver's order (RFC 8305 §4)."""
    families = {each[0]: [other for other in found if other[0] == each[0]] for each in found}
    return sorted(found, key=lambda each: families[each[0]].index(each))


def first_to_answer(addresses: Collection[tuple[object, ...]]) -> socket.socket:
    """Connect to each address a quarter of a second after the one before, and keep the first that answers."""
    waiting, problem, end = list(addresses), OSError("no address"), monotonic() + TIMEOUT
    with selectors.DefaultSelector() as begun:
        try:
            while waiting or begun.get_map():
                if waiting:
                    problem = _begin(waiting.pop(0), begun) or problem
                patience = _NEXT_ADDRESS if waiting else max(0.0, end - monotonic())
                for key, _ in begun.select(patience if begun.get_map() else 0):
                    answered = key.fileobj
                    assert isinstance(answered, socket.socket)
                    begun.unregister(answered)
                    if not (code := answered.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
                        answered.settimeout(TIMEOUT)
                        return answered
                    answered.close()
                    problem = OSError(code, "connecting")
                if monotonic() > end:
                    raise TimeoutError
        finally:
            for key in list(begun.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
    raise problem


def _begin(address: tuple[object, ...], begun: selectors.BaseSelector) -> OSError | None:
    family, kind, protocol, _, place = address
    try:
        beginning = socket.socket(family, kind, protocol)  # type: ignore[arg-type]
    except OSError as problem:  # a family that this computer does not speak
        return problem
    beginning.settimeout(0)
    beginning.connect_ex(place)  # type: ignore[arg-type]
    begun.register(beginning, selectors.EVENT_WRITE)
    return None


def _credentials(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": "Basic " + b64encode(pair.encode()).decode()}


def key_pin(certificate: bytes) -> str:
    """Name the key of a DER certificate as a pin."""
    from cryptography import x509  # noqa: PLC0415 (only where keys are pinned)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    key = x509.load_der_x509_certificate(certificate).public_key()
    digest = sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return f"sha256//{b64encode(digest).decode()}"
