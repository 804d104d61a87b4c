"""What the options before a command said, and what every command stands on: a portal, the readers, a way to leave."""

# Most imports stand inside: `list` must be there at once, and --help without pyscard.
# ruff: noqa: PLC0415

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from reader_bridge.conversation.one_conversation import AlreadyOpen
from reader_bridge.errors import BridgeError, Cancelled, LaunchLinkMalformed, NotEnrolled, OriginMalformed
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings, administrator_path, load_settings, settings_path
from reader_bridge.words.language import Words, choose_language, detail_of, plain, sentence_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from reader_bridge.portal.client import PortalClient
    from reader_bridge.readers.pcsc import PcscReaders

_log = logging.getLogger(__name__)
FAILED, USAGE, NOT_ENROLLED, CANCELLED = 1, 2, 3, 130


@dataclass(frozen=True)
class Bridge:
    """What the options before the command said."""

    settings: Settings
    path: Path
    words: Words

    def naming(self, origin: Origin) -> Bridge:
        """Take an origin for named: http is spoken to none that only a link names."""
        if not origin.is_http or self.settings.locked:
            return self
        return replace(self, settings=replace(self.settings, http_origins=self.settings.http_origins | {str(origin)}))

    def named(self, portal: str | None) -> Origin:
        """Return the portal that was named, else the only one known."""
        known = sorted(self.settings.known_origins)
        if portal is None and len(known) != 1:
            raise click.UsageError(self.words.say("no-portal"))
        return Origin.parse(portal or known[0])

    def readers(self, *, say: Callable[[str], None] | None = None, stopped: Callable[[], bool] = bool) -> PcscReaders:
        """Return this computer's readers; `say` gets the name of what is said beside the command."""
        from reader_bridge.readers.pcsc import PcscReaders

        return PcscReaders(slow=partial(say or self.say, "card-slow"), stopped=stopped)

    def client(self, origin: Origin, *, say: Callable[[str], None] | None = None) -> PortalClient:
        from reader_bridge.portal.client import PortalClient
        from reader_bridge.portal.way_out import trust_context

        trust = None if origin.is_http else trust_context(self.settings.trust)
        return PortalClient(
            origin,
            trust=trust,
            pins=self.settings.pins.get(str(origin), ()),
            language=self.words.language,
            slow=partial(say or self.say, "portal-slow"),
        )

    def origins(self) -> Origins:
        """Return the portals that are known, of which a new one is kept."""
        return Origins(self.settings, self.path, self.tell)

    def say(self, name: str) -> None:
        """Say a sentence beside what the command prints."""
        click.echo(self.words.say(name), err=True)

    def tell(self, error: BridgeError) -> None:
        """Say what happened and what to do."""
        code = sentence_code(error)
        _log.debug("%s: %s", code, error)
        click.echo(self.words.say(code), err=True)
        if detail := detail_of(error):
            click.echo(f"  {plain(detail)}", err=True)

    def leave(self, error: BridgeError) -> NoReturn:
        """Say what happened and what to do, and leave with the error's exit code."""
        self.tell(error)
        raise SystemExit(_EXIT_CODES.get(type(error), FAILED))


_OPTIONS = (
    click.option("--settings", "path", type=click.Path(path_type=Path), help="Settings file (MYKEY_BRIDGE_SETTINGS)."),
    click.option("--lang", type=click.Choice(["ja", "en"]), help="Language; else the settings', else LANG."),
    click.option("--trust", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="PEM of authorities."),
    click.option("--allow-http", multiple=True, metavar="ORIGIN", help="A portal under development on this machine."),
    click.option("--debug", is_flag=True, help="Log to standard error, with commands to the card, never the PIN."),
)


def program_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Take the options that come before every command, for `make_bridge`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_bridge(
    path: Path | None, lang: str | None, trust: Path | None, allow_http: tuple[str, ...], *, debug: bool
) -> Bridge:
    """Read the settings and lay the options over them; raise SettingsMalformed, OriginMalformed."""
    from reader_bridge.desktop.installation import installation

    if debug:
        logging.basicConfig(level=1, format="%(asctime)s %(name)s %(message)s")
    path = path or settings_path()
    settings = load_settings(path, administrator_path())
    words = Words(choose_language(lang or settings.language))
    bridge = Bridge(replace(settings, trust=trust or settings.trust), path, words)
    for each in allow_http:
        bridge = bridge.naming(Origin.parse(each))
    installation().repair()  # links start this program where the one that was installed has gone
    return bridge


def unsaid(lang: str | None = None) -> Bridge:
    """Stand in where the settings cannot be read."""
    return Bridge(Settings(), settings_path(), Words(choose_language(lang)))


_EXIT_CODES = {
    AlreadyOpen: 0,
    LaunchLinkMalformed: USAGE,
    OriginMalformed: USAGE,
    NotEnrolled: NOT_ENROLLED,
    Cancelled: CANCELLED,
}
