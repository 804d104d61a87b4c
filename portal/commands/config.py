"""`mykey config`: every setting, with its value and where that comes from."""

import re
import sys
from collections.abc import Callable
from typing import Any

import click

from portal.commands.cli_context import tell_error, wants_json
from portal.commands.output import Command, show
from portal.config import Settings
from portal.domain.codes import Code
from portal.settings_file import SettingsRefused, checked, from_environment, from_file, settings_file

SECRET = re.compile(r"(_|^)(token|password|secret|key)$")
MASK = "***"


@click.command(cls=Command)
def config() -> None:
    """Show every setting, its value, and whether environment, file or default gave it; end with 1 where one is wrong.

    すべての設定を、値と、環境・ファイル・初期値のどこから来たかと一緒に示します。誤りがあれば終了コードは1です。

    Passwords and other secrets are masked. It changes nothing.
    """
    from portal.startup_checks import refuse_root  # noqa: PLC0415 - `mykey --help` needs none of it

    wrong: dict[str, str] = {}
    environment, file = (_given(read, wrong) for read in (from_environment, from_file))
    try:
        settings = checked(environment, file)
    except SettingsRefused as error:
        wrong |= error.told
        defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
        values = defaults | {"origin": None} | file | environment
    else:
        refuse_root(settings)
        values = settings.model_dump()
    rows = [
        {"setting": name, "value": masked(name, values[name]), "from": _origin(name, environment, file)}
        for name in Settings.model_fields
    ]
    show(rows, "{setting} = {value}  ({from})")
    if wrong:
        tell_error("\n".join(wrong.values()), Code.SETTING_INVALID, as_json=wants_json())
    sys.exit(bool(wrong))


def _given(read: Callable[[], dict[str, Any]], wrong: dict[str, str]) -> dict[str, Any]:
    """Read one source; what is wrong with it as a whole is noted, and it gives nothing."""
    try:
        return read()
    except SettingsRefused as error:
        wrong |= error.told
        return error.rest


def _origin(name: str, environment: dict[str, Any], file: dict[str, Any]) -> str:
    if name in environment:
        return "environment"
    return f"file {settings_file()}" if name in file else "default"


def masked(name: str, value: Any) -> Any:
    """Return a value as it may be shown: no password of the database, and of a secret nothing."""
    if value and SECRET.search(name):
        return MASK
    if name == "database_url" and value:
        if not isinstance(value, str):
            return MASK
        hidden = re.sub(r"(://[^:/@?]*):.*@", rf"\1:{MASK}@", value)
        return re.sub(r"((?:password|passfile|sslpassword)=)[^&]*", rf"\1{MASK}", hidden)
    return value if value != "" else None
