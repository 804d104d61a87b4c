"""Run the demo: a portal, and a reader page in place of card, reader and bridge, both on this machine alone."""

import logging
import os
import signal
import socket
import sys
import time
import webbrowser
from contextlib import suppress
from pathlib import Path
from threading import Thread

import click
import waitress
from flask import Flask

from demo.cards import deck
from demo.desk import Desk
from demo.instance import DemoInstance
from demo.reader_page import create_reader_page
from demo.rewriting import DemoRewriting
from demo.shop import PLACES, Shop
from portal import create_app
from portal.config import Settings
from portal.domain.errors import NotConfiguredError
from portal.domain.roles import Role
from portal.migrations import schema_version
from portal.serving.worker import Worker
from reader_bridge.conversation.one_conversation import ConversationOpen, one_conversation
from reader_bridge.portal.origin import Origin

HOST = "127.0.0.1"
NAME = "localhost"  # passkeys are bound to a name
CLERKS = (Role.CLERK, Role.OPERATOR)
STAFF: tuple[tuple[str, tuple[Role, ...], str | None], ...] = (
    ("窓口 花子", CLERKS, None),
    ("窓口 太郎", CLERKS, None),  # approves
    (f"{PLACES[0].provider} 職員", (Role.PROVIDER,), PLACES[0].service_provider_id),
)
TRIED = 100  # ports, from the wished one on
PORT = click.IntRange(0, 65535)
DEFAULT_PORT = 80  # no origin names it
RUNNING = """\
このフォルダーのデモは、もう動いています。--instanceで、別のフォルダーを指定してください。
A demo runs on {} already; name another folder with --instance."""
BANNER = """
==============================================================
  マイキーポータルのデモ / MyKey Portal demo

      {origin}

  このアドレスをブラウザーで開いてください。終わるときは Ctrl+C を押します。
  本物のマイナンバーカードの暗証番号は、絶対に入力しないでください。

  Open this address in your browser. Ctrl+C stops the demo.
  Never type the PIN of a real My Number card into it.

{links}
  データ / Data: {instance}
==============================================================
"""
SHOPS = """\
  図書館と商店の受付アプリを試すとき（店のカードリーダーが開きます）
  To try the reception app of a library and a shop (this opens their card readers)

      {reader}/shop

  カードの更新を試すとき（デモのカードを新しくします） / To try a renewal (this renews a demo card)

      {reader}/#renewal

"""
SIGN_IN = """\
  職員として試すとき / To try the counter as staff: {origin}/staff/sign-in
"""
LINKS = """\
  職員として試すとき（1回限りのリンク、パスキーを作ります。それぞれ別のブラウザーで）
  To try the counter as staff (one-time links; each makes a passkey; use another browser for each)

"""


@click.command()
@click.option(
    "--instance",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("instance/demo"),
    show_default=True,
    help="Folder of the demo's data; what was registered stays there.",
)
@click.option(
    "--port", type=PORT, default=8000, show_default=True, help="Port of the portal; if taken, the next free one."
)
@click.option("--browser/--no-browser", default=True, help="Open the portal in the browser, where there is a screen.")
def main(instance: Path, port: int, *, browser: bool) -> None:
    """Try the portal without card and reader. Ctrl+C stops it."""
    instance.mkdir(parents=True, exist_ok=True)
    try:
        with one_conversation(str(os.getpid()), instance / "demo.lock"):
            run(instance, port, browser=browser)
    except ConversationOpen:  # whose codes and links a second one would void
        raise click.ClickException(RUNNING.format(instance)) from None


def run(instance: Path, port: int, *, browser: bool) -> None:
    """Serve portal and reader page until Ctrl+C."""
    portal_socket = listen(port)
    reader_socket = listen(port and port + 1)
    origin, reader_origin = origin_of(portal_socket), origin_of(reader_socket)
    try:
        kept = DemoInstance(instance)
    except NotConfiguredError as error:
        raise click.ClickException(str(error)) from None
    settings = Settings.model_construct(  # the environment may speak of another portal
        origin=str(origin), instance=instance, revocation="none"
    )
    schema_version.upgrade(settings.database)
    cards = deck(kept)
    desk = Desk(origin, cards)
    authority = DemoRewriting(kept, cards)
    portal = create_app(settings, demo_reader=f"{reader_origin}/", rewriting=authority)
    shops = {place.name: Shop(place, portal, desk) for place in PLACES}
    page = create_reader_page(reader_origin, desk, shops, authority)
    Worker(portal).start()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # more polls at a time than threads are no fault
    servers = [
        waitress.create_server(portal, sockets=[portal_socket], threads=8),
        waitress.create_server(page, sockets=[reader_socket], threads=8),
    ]
    for server in servers:
        Thread(target=server.run, daemon=True).start()
    links = SHOPS.format(reader=reader_origin) + links_of_staff(portal, origin)
    announce(origin, instance, links, browser=browser)
    wait_for_the_end()


def listen(port: int) -> socket.socket:
    """Take the port on loopback or the next free one; 0 takes any."""
    for candidate in range(port, min(port + TRIED, 2**16)):
        if candidate == DEFAULT_PORT:
            continue
        taken = socket.socket()
        if os.name == "posix":  # elsewhere it would take the port from another program
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, candidate))
            taken.listen()
        except OSError:
            taken.close()
        else:
            return taken
    raise click.ClickException(f"No port is free from {port} on; name another with --port.")


def origin_of(listening: socket.socket) -> Origin:
    return Origin.parse(f"http://{NAME}:{listening.getsockname()[1]}")


def links_of_staff(portal: Flask, origin: Origin) -> str:
    """Return what the banner says of clerks, who are operators, and the library's staff, before they have passkeys."""
    with portal.app_context():
        staff_list = portal.extensions["mykey"].staff
        passkeys = {each.staff.name: (each.staff, each.passkeys) for each in staff_list.all()}
        tokens = {}
        for name, roles, provider in STAFF:
            if name not in passkeys:
                _, tokens[name] = staff_list.add(name, roles, provider)
            elif not passkeys[name][1]:
                tokens[name] = staff_list.new_link(passkeys[name][0].staff_id)
    if not tokens:
        return SIGN_IN.format(origin=origin)
    return LINKS + "".join(f"    {name}  {origin}/staff/enrol#{token}\n" for name, token in tokens.items())


def announce(origin: Origin, instance: Path, links: str, *, browser: bool) -> None:
    """Say in two languages where the portal is, and open it where there is a screen."""
    with suppress(AttributeError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    click.echo(BANNER.format(origin=origin, instance=instance, links=links))
    screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if browser and screen:
        webbrowser.open(str(origin))


def wait_for_the_end() -> None:
    """Return when the terminal or the system asks the demo to stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
    click.echo("\nデモを終わりました。 / The demo has stopped.")


if __name__ == "__main__":
    main()
