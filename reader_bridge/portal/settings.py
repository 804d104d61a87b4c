"""What the bridge remembers, and what an administrator has laid down for it."""

import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reader_bridge.errors import OriginMalformed, OriginNotAllowed, PlaceError
from reader_bridge.portal.origin import Origin

REMEMBERED = "known-portals.json"
_PIN = re.compile(r"sha256//[A-Za-z0-9+/]{43}=")


class SettingsMalformed(PlaceError):
    """A settings file cannot be read as what it should be."""

    code = "settings-malformed"


class SettingsUnwritable(PlaceError):
    """What should be kept in the settings cannot be."""

    code = "settings-unwritable"


def home() -> Path:
    """Return the citizen's home; where the system names none, a place in which nothing is kept."""
    try:
        return Path.home()
    except RuntimeError:  # a user without an entry in passwd, and no HOME
        return Path(os.devnull) / "home"


def settings_path() -> Path:
    """Name the citizen's own settings file (MYKEY_BRIDGE_SETTINGS, else the platform's place)."""
    if named := os.environ.get("MYKEY_BRIDGE_SETTINGS"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ["APPDATA"]) / "mykey" / "bridge.toml"
    if sys.platform == "darwin":
        return home() / "Library" / "Application Support" / "mykey" / "bridge.toml"
    return Path(os.environ.get("XDG_CONFIG_HOME") or home() / ".config") / "mykey" / "bridge.toml"


def runtime_folder() -> Path:
    """Name a folder of this citizen on this machine, where nobody else can write."""
    named = Path(os.environ.get("XDG_RUNTIME_DIR") or settings_path().parent)
    with suppress(OSError):
        found = named.stat()
        if sys.platform != "win32" and (found.st_uid != os.getuid() or found.st_mode & 0o022):
            return settings_path().parent  # another user could hold the lock, and be handed the link
    return named


def administrator_path() -> Path:
    """Name the file that wins over the citizen's and can lock the list of portals."""
    if sys.platform == "win32":
        return Path(os.environ["PROGRAMDATA"]) / "mykey" / "bridge.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/mykey/bridge.toml")
    return Path("/etc/mykey/bridge.toml")


@dataclass(frozen=True)
class Settings:
    """Every setting once; the names are those in the file."""

    known_origins: frozenset[str] = frozenset()  # portals the citizen, or an administrator, has said yes to
    http_origins: frozenset[str] = frozenset()  # portals under development on this machine
    locked: bool = False  # only the portals named above; no question is asked about others
    pins: Mapping[str, frozenset[str]] = field(default_factory=dict)  # origin → sha256//<base64> of server keys
    trust: Path | None = None  # PEM file of further authorities for TLS
    language: str | None = None  # "ja" or "en"; else LANG decides

    def over(self, other: "Settings") -> "Settings":
        """Lay these settings over others; a locked list forgets the other's."""
        return Settings(
            known_origins=self.known_origins if self.locked else self.known_origins | other.known_origins,
            http_origins=self.http_origins if self.locked else self.http_origins | other.http_origins,
            locked=self.locked or other.locked,
            pins={**other.pins, **self.pins},
            trust=self.trust or other.trust,
            language=self.language or other.language,
        )


class Origins:
    """Decide which portals the bridge speaks to."""

    def __init__(
        self, settings: Settings, path: Path | None = None, tell: Callable[[SettingsUnwritable], None] | None = None
    ) -> None:
        """Keep new portals in the file at `path`, or nowhere; `tell` hears of a file that cannot be written."""
        self._settings, self._tell = settings, tell
        self._path = path
        self._met: set[str] = set()

    def permit(self, origin: Origin) -> None:
        """Raise OriginNotAllowed for one outside a locked list, and for http that nobody named."""
        settings = self._settings
        if origin.is_http and str(origin) not in settings.http_origins:
            raise OriginNotAllowed("http is for development, and only where the settings name it")
        if settings.locked and str(origin) not in settings.known_origins | settings.http_origins:
            raise OriginNotAllowed("the list of portals is locked")

    def knows(self, origin: Origin) -> bool:
        return str(origin) in self._settings.known_origins or str(origin) in self._met

    def remember(self, origin: Origin) -> None:
        self._met.add(str(origin))
        if self._path is None:
            return
        try:
            remember_origin(self._path, origin)
        except SettingsUnwritable as error:
            if self._tell is None:
                raise
            self._tell(error)


def load_settings(path: Path, administrator: Path) -> Settings:
    """Read both files, and the portals that the citizen said yes to; a file that is missing says nothing."""
    own = _read(path)
    own = replace(own, known_origins=own.known_origins | _remembered(path))
    return _read(administrator, must=True).over(own)


def remember_origin(path: Path, origin: Origin) -> None:
    """Add an origin to the program's own file beside the settings, which are the citizen's to write."""
    known, ours = sorted(_remembered(path) | {str(origin)}), path.with_name(REMEMBERED)
    draft = ours.with_suffix(".new")
    try:
        ours.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.write_text(json.dumps(known, indent=2) + "\n", "utf-8")
        draft.replace(ours)
    except OSError as error:
        raise SettingsUnwritable(str(ours)) from error


def _remembered(path: Path) -> frozenset[str]:
    ours = path.with_name(REMEMBERED)
    try:
        return _origins(json.loads(_text(ours) or "[]"))
    except (ValueError, TypeError, AttributeError, OriginMalformed) as error:
        raise SettingsMalformed(str(ours)) from error


def _text(path: Path, *, must: bool = False) -> str:
    """Return what a file holds; nothing for one that is missing, or is in a home that is somebody else's."""
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, PermissionError) and not must:
            return ""
        raise SettingsMalformed(str(path)) from error


def _read(path: Path, *, must: bool = False) -> Settings:
    try:
        return _settings(tomllib.loads(_text(path, must=must)))
    except (ValueError, TypeError, AttributeError, OriginMalformed) as error:
        line = re.search(r"line (\d+)", str(error))
        raise SettingsMalformed(f"{path}:{line[1]}" if line else f"{path}: {error}") from None


def _settings(table: dict[str, object]) -> Settings:
    settings = Settings()
    for name, value in table.items():
        try:
            settings = replace(settings, **{name: _setting(name, value)})
        except (ValueError, TypeError, AttributeError, OriginMalformed):
            raise ValueError(name) from None
    return settings


def _setting(name: str, value: object) -> Any:
    match name, value:
        case "known_origins" | "http_origins", list():
            return _origins(value)
        case ("locked", bool()) | ("language", "ja" | "en"):
            return value
        case "trust", str():
            return Path(value)
        case "pins", dict():
            return {str(Origin.parse(key)): _pins(each) for key, each in value.items()}
    raise ValueError


def _origins(values: list[str]) -> frozenset[str]:
    return frozenset(str(Origin.parse(value)) for value in values)


def _pins(values: Collection[object]) -> frozenset[str]:
    pins = frozenset(str(value) for value in values)
    if not pins or not all(_PIN.fullmatch(pin) for pin in pins):
        raise ValueError
    return pins
