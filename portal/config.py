"""Every setting of the portal, once; portal/settings_file.py reads them from the environment and one TOML file."""

import re
from pathlib import Path
from typing import Literal
from unicodedata import category

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

THREADS = 8
"""Requests that a process serves at a time; each has a connection of its own to the database."""
AROUND = "\ufeff\u00a0\u3000 \t\r\n"
"""What editors leave around a value: a byte order mark, blanks, the carriage return of another system's line end."""
LARGEST_PORT = 65535


def database_address(written: str) -> str:
    """Return the address of a database, with the driver where another program's PostgreSQL has none.

    Raises ValueError.
    """
    from sqlalchemy import make_url  # noqa: PLC0415 - `mykey --help` needs none of it
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    address = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", written)
    try:
        make_url(address)
    except (ArgumentError, ValueError):  # which may quote it
        raise ValueError("is no address of a database (kind://user:password@host:port/name)") from None
    return address


class Settings(BaseSettings):
    """What the operator decides; docs/operations.md tells when to change what."""

    model_config = SettingsConfigDict(env_prefix="MYKEY_", frozen=True, env_ignore_empty=True, validate_default=False)

    origin: str = Field(
        description="The one address of the portal, as the card signs it: https://host or https://host:port"
    )
    instance: Path = Field(Path("instance"), description="Folder of the database, the secret key and trust/*.pem")
    database_url: str | None = Field(
        None, description="postgresql+psycopg://… ; without it SQLite in the instance folder"
    )
    revocation: Literal["none", "crl"] | None = Field(
        None, description="Source of revocation data: crl/*.crl in the instance folder, or 'none', written down"
    )
    policy_oid: str = Field(
        "1.2.392.200149.8.5.1.3.30",
        pattern=r"^[0-2](\.(0|[1-9][0-9]*))+$",
        description="Policy of a user authentication certificate (one project vouches for it)",
    )
    operator: str = Field("", description="Name of the municipality or association that runs this portal")
    operator_address: str = Field("", description="The operator's postal address, for the foot of every page")
    operator_telephone: str = Field(
        "", pattern=r"^(\+?[0-9][0-9() -]{2,24})?$", description="The operator's telephone, such as 03-1234-5678"
    )
    operator_hours: str = Field("", description="When the telephone is answered, such as 平日 9時〜17時")
    operator_mail: str = Field("", pattern=r"^([^\s@<>?&]+@[^\s@<>?&]+)?$", description="The operator's mail address")
    card_telephone: str = Field(
        "0120-95-0178",
        pattern=r"^\+?[0-9][0-9() -]{2,24}$",
        description="Where a lost My Number card is suspended, day and night (マイナンバー総合フリーダイヤル)",
    )
    terms_url: str = Field("", description="Address of the operator's 利用規約")
    reservation_days: int = Field(90, ge=1, le=366, description="How long a 仮登録 waits for the counter, in days")
    uses_days: int = Field(
        90, ge=1, le=36500, description="How long each use of an ID is shown to its citizen, in days"
    )
    terminal_calls: int = Field(600, ge=1, description="How many calls a minute each terminal may make")
    pairing: bool = Field(default=True, description="Offer pairing codes beside the launch link")
    bridge_minimum: str = Field(
        "",
        pattern=r"^([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4})?$",
        description="Oldest version of the reader-bridge that may claim a card session, such as 1.2.0; none without it",
    )
    trusted_proxies: int = Field(0, ge=0, description="Number of proxies in front whose X-Forwarded-For is believed")
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="What a Prometheus server brings as its bearer token; without it, no /metrics"
    )
    log: Literal["text", "json"] = Field(
        "text", description="How `mykey serve` logs: lines for people, or one JSON object a line and one a request"
    )
    backups: Path | None = Field(None, description="Folder into which `mykey backup` writes, and keeps the newest of")
    listen: str = Field(
        "127.0.0.1:8000", pattern=r"^\S+:[0-9]{1,5}$", description="Address:port on which `mykey serve` listens"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        """Take off what an environment file leaves around a value; nothing else of it is guessed."""
        if not isinstance(value, str):
            return value
        text = value.strip(AROUND)
        if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
            text = text[1:-1].strip(AROUND)
        if {*text[:1], *text[-1:]} & set("\"'“”‘’") or any(category(each) in {"Cc", "Cf"} for each in text):
            raise ValueError("has a quote at one end, or a character that cannot be seen")
        if not text:
            raise ValueError("is blank: give a value, or leave the line out")
        return text

    @field_validator("database_url")
    @classmethod
    def _of_a_database(cls, value: str | None) -> str | None:
        return value and database_address(value)

    @field_validator("listen")
    @classmethod
    def _with_a_port(cls, value: str) -> str:
        if not 0 < int(value.rpartition(":")[2]) <= LARGEST_PORT:
            raise ValueError(f"has no port from 1 to {LARGEST_PORT}")
        return value

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance.absolute() / 'portal.sqlite3'}"

    @property
    def sqlite_file(self) -> Path | None:
        """Return where the database lies, if it is a file."""
        kind, _, path = self.database.partition(":///")
        return Path(path.partition("?")[0]) if kind.startswith("sqlite") else None

    @property
    def folders(self) -> list[Path]:
        """Return every folder that the portal writes into."""
        return list(dict.fromkeys([self.instance.absolute(), *([self.sqlite_file.parent] if self.sqlite_file else [])]))

    @property
    def contact(self) -> dict[str, str]:
        """Return how the operator is reached, as far as it is written down."""
        told = {each: getattr(self, f"operator_{each}") for each in ("address", "telephone", "hours", "mail")}
        return {each: value for each, value in told.items() if value}

    @property
    def crl_folder(self) -> Path:
        return self.instance.absolute() / "crl"

    @property
    def downloads(self) -> Path:
        return self.instance.absolute() / "downloads"

    @property
    def secure(self) -> bool:
        """Return whether cookies are Secure and carry the __Host- prefix."""
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host, with its port where the origin has one."""
        return self.origin.partition("://")[2]
