"""The command `mykey`: run a portal in production."""

import gc
import logging
import os
import signal
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

import click

from portal.commands.audit import audit
from portal.commands.backup import back_up_into, backup, restore
from portal.commands.bridge import bridge
from portal.commands.cli_context import read_settings, stop_unless_current
from portal.commands.config import config
from portal.commands.db_copy import copy
from portal.commands.doctor import doctor
from portal.commands.output import Group, show
from portal.commands.providers import link, provider
from portal.commands.setup.setup import setup
from portal.commands.staff import SET_UP, STILL_OPEN, set_up_link, staff
from portal.commands.terminals import terminal
from portal.commands.trust import trust
from portal.commands.webhooks import webhook

if TYPE_CHECKING:
    from portal.config import Settings


@click.group(cls=Group)
@click.pass_context
def main(context: click.Context) -> None:
    """MyKey Portal. Settings: environment or one TOML file; `mykey setup` asks for them, `mykey config` shows them.

    マイキーIDのポータル。設定は環境変数かTOMLファイルから読みます。mykey setup で始め、mykey config で設定を見ます。
    """
    os.umask(0o077)  # database and key are nobody else's
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name of a file may be no UTF-8
    # the first process of a container has no other; what is half done is undone, as after Ctrl+C
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    context.call_on_close(lambda: signal.signal(signal.SIGTERM, before))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)  # standard error is for what is refused


@main.command()
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes; more than one on PostgreSQL alone. プロセスの数です。2つ以上はPostgreSQLだけです。",
)
def serve(workers: int) -> None:
    """Serve the portal behind a TLS proxy, at MYKEY_LISTEN.

    TLSプロキシーの後ろで、MYKEY_LISTENでポータルを動かします。
    """
    gc.disable()  # what is made at the start stays: to look for garbage in it again and again is a sixth of the start
    try:
        from portal.gateways.listener import listening  # noqa: PLC0415 - `mykey --help` needs none of it

        settings = read_settings()
        if workers > 1 and settings.sqlite_file:
            raise click.UsageError(ONE_PROCESS)
        with listening(settings.listen) as sockets:  # before anything is changed
            _serve(settings, sockets, workers)
    finally:
        gc.enable()


ONE_PROCESS = """SQLite has one writer at a time, so a second process would only wait for the first: set
MYKEY_DATABASE_URL to PostgreSQL (`mykey db copy` moves there), or leave --workers out.
SQLiteでは、1度に1つしか書けません。MYKEY_DATABASE_URLをPostgreSQLにするか、--workersを付けないでください。"""


def _serve(settings: "Settings", sockets: list[Any], workers: int) -> None:
    from portal import create_app  # noqa: PLC0415
    from portal.extensions import db  # noqa: PLC0415
    from portal.serving.log import write_json  # noqa: PLC0415
    from portal.serving.processes import run_several  # noqa: PLC0415
    from portal.serving.server import make_server, run  # noqa: PLC0415
    from portal.serving.worker import Worker  # noqa: PLC0415

    app = create_app(settings)
    stop_unless_current(settings)
    if settings.revocation == "none":
        click.echo("電子証明書の有効性確認は行われていません。 (MYKEY_REVOCATION=none)", err=True)
    with app.app_context():
        if app.extensions["mykey"].staff.set_up_is_open():
            click.echo(STILL_OPEN, err=True)
        elif link := set_up_link(app.extensions["mykey"]):
            click.echo(SET_UP.format(link=link), err=True)
        db.session.remove()
        db.engine.dispose()
    if settings.log == "json":
        write_json(app)

    def answer_all() -> None:
        Worker(app).start()
        run(make_server(app, behind_proxy=settings.trusted_proxies > 0, sockets=sockets))

    gc.freeze()  # nor does anybody look there later, so that forked processes go on sharing it
    gc.enable()
    show({"origin": settings.origin, "listen": settings.listen}, "{origin} is served at {listen}")
    if workers > 1:
        run_several(workers, answer_all)
    else:
        answer_all()


for command in (setup, config, trust, staff, provider, terminal, link, webhook, bridge, audit, backup, restore, doctor):
    main.add_command(command)


@main.group()
def db() -> None:
    """Care for the database.

    データベースの世話をします。
    """


@db.command()
def upgrade() -> None:
    """Bring the database to the newest version; safe to run twice.

    データベースを最新の版にします。2回実行しても問題ありません。

    Where MYKEY_BACKUPS is set, a backup of the version before is written there first, and the upgrade tried on it.
    """
    from portal.migrations.schema_version import upgrade as upgrade_tables  # noqa: PLC0415
    from portal.migrations.schema_version import version_of, versions  # noqa: PLC0415

    settings = read_settings()
    (settings.instance / "trust").mkdir(parents=True, exist_ok=True)
    told, sentence = {"state": "newest"}, "The database is at the newest version."
    before = version_of(settings.database)
    if settings.backups and before not in {None, versions()[-1]}:
        told |= {"from": str(before), "backup": back_up_into(settings, settings.backups, any_version=True)["file"]}
        sentence += " {backup} holds it as it was, version {from}; the upgrade was tried on that first."
    upgrade_tables(settings.database)
    show(told, sentence)


db.add_command(copy)
