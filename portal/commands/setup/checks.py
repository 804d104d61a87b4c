"""What `mykey setup` checks and makes while it asks: the folder, the tables, the name, the authorities."""

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import click

from portal.commands.cli_context import readable, wants_json
from portal.commands.trust import ANCHOR_FACTS, digits
from portal.config import Settings
from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.settings_file import OF_THE_SYSTEM, SettingsRefused, settings_file

if TYPE_CHECKING:
    from portal.services.operation.authorities import Authorities, Authority

LAST_DIGITS = 8
COMPARE = """\
公表されたフィンガープリントと比べて、公表された値の最後の8桁を入れてください。
Compare it with what J-LIS publishes, and type the last 8 digits of that (or yes)."""
NO_NAME = "  ! {} にはまだIPアドレスがありません。DNSに登録してください。 / This name has no address yet: see to DNS."


def say(text: str) -> None:
    """Say it on standard error, in English alone where the terminal has no Japanese; programs are told the end."""
    if not wants_json():
        click.echo(readable(text if _is_writable(text) else _english(text)), err=True)


def _is_writable(text: str) -> bool:
    try:
        text.encode(getattr(sys.stderr, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _english(text: str) -> str:
    """Leave the lines, and the parts of lines, that are English."""
    kept = ((line, re.sub(r"[^\x00-\x7f]+", "", line).strip(" /")) for line in text.splitlines())
    return "\n".join(english for line, english in kept if len(english) >= len(line) / 2 or not line)


def why(error: Exception) -> str:
    """Say why an answer cannot be taken; errors of other kinds are raised again."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - `mykey --help` needs none of it

    from portal.transactions import error_name  # noqa: PLC0415

    if isinstance(error, SQLAlchemyError | ImportError):
        return f"The database does not answer ({error_name(error)}). データベースから答えがありません。"
    if isinstance(error, CommandRefused | SettingsRefused | OSError):
        return str(error)
    raise error


def refuse_unwritable_file() -> None:
    """Say that the file of settings cannot be written. Raises CommandRefused folder-unwritable."""
    file = settings_file() or OF_THE_SYSTEM
    folder = next(each for each in file.absolute().parents if each.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        told = f"{file} cannot be written by who types this: see to {folder}, or name another file by MYKEY_CONFIG."
        raise CommandRefused(Code.FOLDER_UNWRITABLE, told)


def make_folder(settings: Settings) -> None:
    """Make the folder of the instance. Raises CommandRefused where it is another's or cannot be written, OSError."""
    from portal.startup_checks import refuse_root, refuse_unwritable  # noqa: PLC0415

    refuse_root(settings)
    (settings.instance / "trust").mkdir(parents=True, exist_ok=True)
    refuse_unwritable(settings.model_copy(update={"database_url": None}))


def see_to_tables(settings: Settings) -> None:
    """Make the tables where there are none; those of an older version wait for a backup.

    Raises CommandRefused database-not-current, and what the database says.
    """
    from portal.migrations.schema_version import upgrade, version_of, versions  # noqa: PLC0415

    make_folder(settings)
    version = version_of(settings.database)
    if version is None:
        upgrade(settings.database)
    elif version != versions()[-1]:
        told = "The database is of an older version: `mykey backup FILE` first, then `mykey db upgrade`."
        raise CommandRefused(Code.DATABASE_NOT_CURRENT, told)


def tell_of_its_name(origin: str) -> None:
    """Tell where no address is known for the name of an origin; it may come later."""
    from portal.gateways.listener import has_address  # noqa: PLC0415

    host = origin.removeprefix("https://").partition(":")[0]
    if not has_address(host):
        say(NO_NAME.format(host))


def good(authorities: "Authorities") -> list["Authority"]:
    """Return the authorities that a portal in production trusts."""
    return [one for one in authorities.all() if one.state == "good"]


def add_authority(authorities: "Authorities", file: Path, fingerprint: str | None) -> None:
    """Trust an authority whose fingerprint was told, or is compared now; once is enough.

    Raises CommandRefused: authority-unusable, authority-expired, fingerprint-differs.
    """
    try:
        authority = authorities.candidate(file)
    except CommandRefused as error:
        if error.code is Code.AUTHORITY_KNOWN:
            return
        raise
    known = digits(authority.fingerprint or "")
    if fingerprint is None:
        facts = {"subject": authority.subject, "not_after": authority.not_after, "fingerprint": authority.fingerprint}
        say(f"{ANCHOR_FACTS.format_map(facts)}\n{COMPARE}")
        typed = normalize("NFKC", click.prompt(">", prompt_suffix=" ", default="", show_default=False, err=True))
        same = typed.strip().lower() in {"yes", "はい"} or digits(typed.strip()) == known[-LAST_DIGITS:]
    else:
        same = digits(fingerprint) == known
    if not same:
        told = f"The fingerprint differs, and nothing was added: that of {file} is {authority.fingerprint}."
        raise CommandRefused(Code.FINGERPRINT_DIFFERS, told)
    authorities.add(authority)
