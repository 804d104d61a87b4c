"""Every setting of the portal, once. Read from the environment as MYKEY_<NAME>."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

THREADS = 8
"""Requests that a process serves at a time; each has a connection of its own to the database."""


class Settings(BaseSettings):
    """What the operator decides; docs/operations.md tells when to change what."""

    model_config = SettingsConfigDict(env_prefix="MYKEY_", frozen=True)

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
    terms_url: str = Field("", description="Address of the operator's 利用規約")
    reservation_days: int = Field(90, ge=1, le=366, description="How long a 仮登録 waits for the counter, in days")
    uses_days: int = Field(90, ge=1, description="How long each use of an ID is shown to its citizen, in days")
    terminal_calls: int = Field(600, ge=1, description="How many calls a minute each terminal may make")
    pairing: bool = Field(default=True, description="Offer pairing codes beside the launch link")
    bridge_minimum: str = Field(
        "",
        pattern=r"^([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4})?$",
        description="Oldest version of the reader-bridge that may claim a card session, such as 1.2.0; none without it",
    )
    trusted_proxies: int = Field(0, ge=0, description="Number of proxies in front whose X-Forwarded-For is believed")
    listen: str = Field(
        "127.0.0.1:8000", pattern=r"^\S+:[0-9]{1,5}$", description="Address:port on which `mykey serve` listens"
    )

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.instance.absolute() / 'portal.sqlite3'}"

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
