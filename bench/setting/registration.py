"""A registration with all its requests, beside as many bare requests and durable commits (bench/setting/bare.py)."""

from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.test import Client

from bench.figure import Figure
from bench.rooms.lookups import BARE
from bench.setting.crowd import TERMINAL_CODE, gather
from bench.setting.serving import DATABASES, database, production, serving
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen

ORIGIN = "https://id.example.jp"
ROUNDS, PEOPLE = 9, 10
READS = {"/registration/check"}
"""Where a form asks, and nothing has to be written."""


class Asker(Client):
    """A client of werkzeug with what the tests' actors set on one of Flask."""

    def __init__(self, line: "Line") -> None:
        super().__init__(line)
        self.environ_base: dict[str, str] = {}


class Line:
    """The way of a browser or a bridge to a server: as WSGI for who asks, and with a clock that runs while it waits."""

    def __init__(self, address: str) -> None:
        self.connection, self.seconds, self.sent = HTTPConnection(address), 0.0, list[str]()
        self.extensions = {"mykey": SimpleNamespace(settings=SimpleNamespace(origin=ORIGIN))}

    def test_client(self) -> Asker:
        return Asker(self)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        named = {name.removeprefix("HTTP_"): text for name, text in environ.items() if name.startswith("HTTP_")}
        headers = {name.replace("_", "-"): text for name, text in named.items()}
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        path = f"{environ['PATH_INFO']}?{environ['QUERY_STRING']}".rstrip("?")
        body = environ["wsgi.input"].read()
        status, answered, content = self.ask(environ["REQUEST_METHOD"], path, body, headers)
        start_response(status, answered)
        return [content]

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[str, list[Any], bytes]:
        """Send a request, and return status, headers and body of its answer."""
        self.sent.append("/write" if method == "POST" and path not in READS else "/read")
        begin = perf_counter()
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        self.seconds += perf_counter() - begin
        return f"{answer.status} {answer.reason}", answer.getheaders(), content


def run() -> list[Figure]:
    """Return milliseconds that the requests of one registration take one after the other; the rounds take turns."""
    return [figure for name in DATABASES for figure in _figures(name)]


def _figures(name: str) -> list[Figure]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        gather(url, Path(folder) / "instance", authority, 1)
        key = rsa.generate_private_key(65537, 2048)
        names = (f"NEW{number:011}{TERMINAL_CODE}" for number in range((ROUNDS + 1) * PEOPLE))
        cards = ((authority.issue(each, public_key=key.public_key()), key) for each in names)
        with serving(environment, BARE) as bare, serving(environment) as portal:
            rounds = [_round(bare.address, portal.address, cards) for _ in range(ROUNDS + 1)][1:]
    of_bare, of_ours = zip(*rounds, strict=True)
    return [
        Figure.of(f"floor: milliseconds of as many bare requests and commits, {name}", of_bare),
        Figure.of(f"milliseconds of the requests of a registration, {name}", of_ours),
        Figure.of(f"ratio to the floor, {name} (target 0.6)", [bare / ours for bare, ours in rounds]),
    ]


def _round(bare: str, portal: str, cards: Iterator[tuple[x509.Certificate, rsa.RSAPrivateKey]]) -> tuple[float, float]:
    """Let so many people register, and after each the bare server answer what corresponds."""
    floor, line = Line(bare), Line(portal)
    for _, card in zip(range(PEOPLE), cards, strict=False):
        begun = len(line.sent)
        _register(line, *card)
        for path in line.sent[begun:]:
            floor.ask("POST" if path == "/write" else "GET", path, b"", {})
    return 1000 * floor.seconds / PEOPLE, 1000 * line.seconds / PEOPLE


def _register(line: Line, certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
    citizen, bridge = Citizen(line), Bridge(line, certificate, key)
    bridge.claim(citizen.start())
    completion = bridge.answer().json["completion_url"]
    citizen.get("/completion")
    citizen.post("/completion", code=completion.partition("#")[2])
    citizen.get("/registration?first=yes")
    citizen.post("/registration/check", part=True, mykey_id="YAMADAHANA1122")
    assert "登録" in citizen.post("/registration").words
