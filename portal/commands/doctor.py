"""`mykey doctor`: one line for each thing that was looked at."""

import sys
from datetime import UTC, datetime

import click

from portal.commands.cli_context import read_settings
from portal.commands.japanese import CHECKS
from portal.commands.output import Command, show


@click.command(cls=Command)
def doctor() -> None:
    """Look the portal over: one line a check, ok, warn or fail; end with status 1 where one fails. Changes nothing.

    ポータルを調べます。1行に1項目（ok、warn、fail）。failがあれば終了コードは1です。何も変えません。
    """
    from portal.services.operation.doctor import FAIL, OK, Examination  # noqa: PLC0415 - `mykey --help` needs none

    findings = list(Examination(read_settings(), datetime.now(UTC)).findings())
    told = [
        each if each.status == OK else each._replace(message=f"{each.message} {CHECKS[each.check]}")
        for each in findings
    ]
    show([each._asdict() for each in told], "{status:4}  {check}: {message}")
    sys.exit(any(each.status == FAIL for each in findings))
