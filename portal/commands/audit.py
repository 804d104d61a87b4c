"""`mykey audit`: the hash chain of acts."""

import os
from datetime import UTC, datetime

import click

from portal.commands.cli_context import open_database, read_settings, stop
from portal.commands.output import Group, show
from portal.config import Settings
from portal.domain.codes import Code


@click.group(cls=Group)
def audit() -> None:
    """Look after the audit chain.

    監査の記録を確かめます。
    """


@audit.command()
def verify() -> None:
    """Walk the whole chain; end with status 1 at the first entry that does not fit. May run while the portal does.

    監査の記録を最初から最後まで確かめます。合わない記録があれば終了コードは1です。ポータルの動作中でも使えます。
    """
    show({"entries": walk(read_settings())}, "The chain holds: {entries} entries.")


def walk(settings: Settings) -> int:
    """Walk the chain of a database; return how many entries there are, or stop at the first that does not fit."""
    from portal.services.record.audit import Audit  # noqa: PLC0415 - `mykey --help` needs none of it
    from portal.transactions import reading  # noqa: PLC0415

    with open_database(settings) as database, reading(database):  # no write lock for so long
        entries, wrong = Audit(database, lambda: datetime.now(UTC), os.urandom).broken()
    if wrong is not None:
        told = f"The audit chain does not hold: entry {wrong} is missing or was changed. {entries} entries were walked."
        stop(told, Code.AUDIT_BROKEN)
    return entries
