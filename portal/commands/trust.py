"""`mykey trust`: the authorities whose certificates count."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.commands.cli_context import read_settings, stop, wants_json
from portal.commands.output import Group, show
from portal.domain.codes import Code

if TYPE_CHECKING:
    from portal.services.operation.authorities import Authorities

ANCHOR_FACTS = """\
Subject:     {subject}
Valid until: {not_after}
SHA-256:     {fingerprint}"""


@click.group(cls=Group)
def trust() -> None:
    """Decide which authorities of user authentication certificates are trusted.

    信頼する利用者証明用認証局を決めます。
    """


@trust.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--fingerprint",
    metavar="SHA256",
    help="Confirm without a question: what J-LIS publishes, in 64 digits. 公表された値で確かめます。",
)
def add(file: Path, fingerprint: str | None) -> None:
    """Trust the authority whose certificate is in FILE (PEM or DER), after its fingerprint was compared.

    フィンガープリントを確かめてから、ファイル（PEMかDER）の認証局を信頼します。

    Compare it, by a second person and over a second road, with what J-LIS publishes. No restart is needed.
    """
    if wants_json() and fingerprint is None:
        raise click.UsageError("--json asks nothing: give --fingerprint.")
    authorities = _authorities()
    authority = authorities.candidate(file)
    facts = {"subject": authority.subject, "not_after": authority.not_after, "fingerprint": authority.fingerprint}
    if fingerprint is None:
        click.echo(ANCHOR_FACTS.format_map(facts), err=True)
        if not click.confirm("Is this what J-LIS publishes?", err=True):
            stop("Nothing was added.", Code.NOT_CONFIRMED)
    elif digits(fingerprint) != digits(authority.fingerprint or ""):
        stop(f"The fingerprint differs: that of {file} is {authority.fingerprint}.", Code.FINGERPRINT_DIFFERS)
    show({"file": str(authorities.add(authority)), **facts}, "{file} is trusted from now on.")


@trust.command(name="list")
def show_all() -> None:
    """List every authority: fingerprint, expiry, state (good, expired, demo, unusable), file, subject.

    認証局の一覧：フィンガープリント、有効期限、状態（good、expired、demo、unusable）、ファイル、名前。
    """
    found = [
        {
            "fingerprint": authority.fingerprint,
            "not_after": authority.not_after and authority.not_after.date(),
            "state": authority.state,
            "file": authority.file,
            "subject": authority.subject,
        }
        for authority in _authorities().all()
    ]
    show(found, "{fingerprint}  {not_after}  {state}  {file}  {subject}")


def _authorities() -> "Authorities":
    from portal.services.operation.authorities import Authorities  # noqa: PLC0415 - `mykey --help` needs none of it

    return Authorities(read_settings().instance / "trust", datetime.now(UTC))


def digits(fingerprint: str) -> str:
    """Leave the digits of a fingerprint, however they were grouped."""
    return fingerprint.replace(":", "").replace(" ", "").upper()
