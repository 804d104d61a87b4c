"""Where settings come from: the environment as MYKEY_<NAME>, and for what it does not say one TOML file as <name>."""

import fcntl
import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from portal.config import AROUND, Settings

OF_THE_SYSTEM = Path("/etc/mykey/portal.toml")
OWNERS_ALONE = 0o600


class SettingsRefused(Exception):
    """Say which settings are wrong: a sentence for each, by the setting's name, or by none for the file as a whole."""

    def __init__(self, told: dict[str, str], rest: dict[str, Any] | None = None) -> None:
        super().__init__("\n".join(told.values()))
        self.told, self.rest = told, rest or {}


def settings_file() -> Path | None:
    """Return the file that settings come from: the one that MYKEY_CONFIG names, else that of the system if there."""
    if named := os.environ.get("MYKEY_CONFIG", "").strip(AROUND):
        return Path(named)
    with suppress(PermissionError):  # it may be there, and reading it says so
        return OF_THE_SYSTEM if OF_THE_SYSTEM.exists() else None
    return OF_THE_SYSTEM


def from_environment() -> dict[str, Any]:
    """Return what the environment says, by the settings' names. Raises SettingsRefused for an odd variable's name."""
    for name in os.environ:
        bare = name.strip(AROUND)
        if name != bare and bare.startswith("MYKEY_"):
            told = f"{bare} has a byte order mark or a blank at its name: save the file as UTF-8 without BOM."
            raise SettingsRefused({bare.removeprefix("MYKEY_").lower(): told})
    return EnvSettingsSource(Settings)()


def from_file() -> dict[str, Any]:
    """Return what the file says, by the settings' names; nothing without one. Raises SettingsRefused."""
    file = settings_file()
    return given(_read_toml(file, _text_of(file))) if file else {}


def given(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty: as in the environment, it is not given."""
    return {key: value for key, value in found.items() if value != ""}


def _read_toml(file: Path, text: str) -> dict[str, Any]:
    """Read the text of a file of settings. Raises SettingsRefused, with the rest, which is sound."""
    try:
        found = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, thousands of brackets
        told = f'{file} is no TOML: {error}. A line is `origin = "https://id.example.jp"`, each key once.'
        raise SettingsRefused({"": told}) from None
    odd = {key: f"{_place(file, text, key)}: {why}" for key, value in found.items() if (why := _odd(key, value))}
    sound = {key: value for key, value in found.items() if key not in odd}
    if odd:
        raise SettingsRefused(odd, given(sound))
    return sound


def written() -> dict[str, Any]:
    """Return what the file says, with what is empty: it was asked. The file may yet be to be written.

    Raises SettingsRefused.
    """
    file = settings_file()
    return _read_toml(file, _text_of(file)) if file and file.exists() else {}


def load_settings() -> Settings:
    """Read the settings: what the environment does not say is in the file. Raises SettingsRefused."""
    return checked(from_environment(), from_file())


def checked(environment: dict[str, Any], file: dict[str, Any]) -> Settings:
    """Make settings of what either says, the environment first. Raises SettingsRefused with where each wrong one is."""
    try:
        return Settings(**(file | environment))
    except ValidationError as error:
        wrong = {str(each["loc"][0]): each["msg"].removeprefix("Value error, ") for each in error.errors()}
    told = {}
    for name, why in wrong.items():
        place = f"MYKEY_{name.upper()}"
        if name in file and name not in environment and (path := settings_file()):
            place = _place(path, _text_of(path), name)
        told[name] = f"{place}: {why}. {Settings.model_fields[name].description}."
    raise SettingsRefused(told)


def write_values(values: dict[str, str | int]) -> Path:
    """Write what was answered into the file: other lines stay, and it is whole before it has its name.

    Raises SettingsRefused where the file is no good as it is, OSError.
    """
    file = (settings_file() or OF_THE_SYSTEM).absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(file.parent):
        _write(file, values)
    return file


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until nobody else writes there: of two who set up at once, neither loses an answer."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(file: Path, values: dict[str, str | int]) -> None:
    before = _text_of(file) if file.exists() else ""
    kept = [line for line in before.splitlines() if not any(_is_of(line, name) for name in values)]
    lines = [*kept, *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())]
    text = "".join(f"{line}\n" for line in lines)
    if _read_toml(file, text) != _read_toml(file, before) | values:  # a value of several lines
        told = f"{file}: {', '.join(values)} cannot be changed there by a program: change it by hand."
        raise SettingsRefused(dict.fromkeys(values, told))
    _replace(file, text)


def _replace(file: Path, text: str) -> None:
    """Write a file anew, and leave it to those whose it was."""
    file = file.resolve()  # a link to it stays one
    state = file.stat() if file.exists() else None
    with NamedTemporaryFile(dir=file.parent, prefix=".", delete=False) as draft:
        try:
            draft.write(text.encode())
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod((state.st_mode & 0o777) if state else OWNERS_ALONE)
            if state and os.geteuid() == 0:
                os.chown(draft.name, state.st_uid, state.st_gid)
            Path(draft.name).replace(file)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise


def _text_of(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        told = f"{file}, from which settings come, cannot be read: {error.strerror}. It is a file that the portal's"
        raise SettingsRefused({"": f"{told} user may read; MYKEY_CONFIG names another."}) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = f"{file}, line {line}: is no UTF-8 (Shift_JIS or UTF-16, it may be). Save it as UTF-8."
        raise SettingsRefused({"": told}) from None


def _odd(key: str, value: object) -> str | None:
    """Say what is odd about a key, or about the kind of its value."""
    if key not in Settings.model_fields:
        if isinstance(value, dict):
            return f"[{key}] is a section, and there are none: take that line away."
        near = get_close_matches(key.lower().removeprefix("mykey_"), Settings.model_fields, 1)
        return f"there is no such setting{f': is `{near[0]}` meant?' if near else '. `mykey config` lists them.'}"
    if isinstance(value, bool) and Settings.model_fields[key].annotation is not bool:
        return f"{str(value).lower()} is neither text nor a number. {Settings.model_fields[key].description}."
    return None


def _place(file: Path, text: str, key: str) -> str:
    """Name file, line and key."""
    lines = (number for number, line in enumerate(text.splitlines(), 1) if _is_of(line, key))
    return f"{file}, line {next(lines, '?')}: {key}"


def _is_of(line: str, key: str) -> bool:
    """Tell whether a line begins the value of a key, or the section of that name."""
    return bool(re.match(rf"\s*\[*[\"']?{re.escape(key)}[\"']?\s*(=|\])", line))
