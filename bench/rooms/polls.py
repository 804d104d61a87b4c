"""CPU of a poll that finds nothing new, beside that of a bare view with one read, in turns in one thread."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from flask import Flask
from sqlalchemy import bindparam, create_engine, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.figure import Figure
from bench.setting.crowd import PROVIDERS, Crowd, gather
from bench.setting.serving import DATABASES, database, production
from portal import create_app
from portal.config import Settings
from portal.models import ServiceProvider
from tests.portal.actors.pages import Citizen

ROUNDS, POLLS = 30, 100
HOST = "id.example.jp"
READ = select(ServiceProvider.__table__).where(ServiceProvider.service_provider_id == bindparam("provider"))
Asked = tuple[Flask, dict[str, Any]]


def run() -> list[Figure]:
    """Return medians in microseconds of the process."""
    return [figure for name in DATABASES for figure in _figures(name)]


def _figures(name: str) -> list[Figure]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        instance = Path(folder) / "instance"
        _, authority = production(instance, url)
        crowd = gather(url, instance, authority, 1)
        settings = Settings(origin=f"https://{HOST}", instance=instance, database_url=url)
        app = create_app(settings, demo_reader="http://127.0.0.1:1/")
        asked = (_bare(url), _waiting(app), _tablet(app, crowd))
        rounds = [[_spent(*each) for each in asked] for _ in range(ROUNDS)]
    polls = (
        "floor: µs of CPU of a bare view with one read",
        "µs of CPU of a poll of the waiting page",
        "µs of CPU of a poll of a tablet",
    )
    return [Figure.of(f"{words}, {name}", each) for words, each in zip(polls, zip(*rounds, strict=True), strict=True)]


def _bare(url: str) -> Asked:
    app, engine = Flask("bare"), create_engine(url)

    @app.get("/")
    def view() -> str:
        with engine.connect() as connection:
            return str(connection.execute(READ, {"provider": PROVIDERS[0]}).one().name)

    return app, _environ("/", "")


def _waiting(app: Flask) -> Asked:
    citizen = Citizen(app)
    address = citizen.start().value("hx-get") or ""
    cookies = (citizen.client.get_cookie(name, HOST) for name in ("__Host-mykey", "__Host-mykey-flow"))
    return app, _environ(address, "; ".join(f"{each.key}={each.value}" for each in cookies if each))


def _tablet(app: Flask, crowd: Crowd) -> Asked:
    return app, _environ("/reception/state?page=registration&seen=0.", f"__Host-mykey-terminal={crowd.token}")


def _environ(address: str, cookies: str) -> dict[str, Any]:
    """Write a request as a browser's htmx makes it."""
    headers = {"Host": HOST, "HX-Request": "true", "Accept-Language": "ja,en;q=0.5", "Cookie": cookies}
    return EnvironBuilder(address, base_url=f"https://{HOST}", headers=headers).get_environ()


def _spent(app: Flask, environ: dict[str, Any]) -> float:
    begin = process_time()
    for _ in range(POLLS):
        body, status, _ = run_wsgi_app(app, environ.copy())
        assert (status[:3], any(body)) in {("200", True), ("204", False)}
    return 1_000_000 * (process_time() - begin) / POLLS
