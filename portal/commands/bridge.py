"""`mykey bridge`: the installers of the reader bridge that the page `/bridge` offers."""

from pathlib import Path

import click

from portal.commands.cli_context import read_settings
from portal.commands.output import Group, show


@click.group(cls=Group)
def bridge() -> None:
    """Offer the reader bridge to citizens, at /bridge.

    読み取りプログラムを、/bridgeで利用者に配ります。
    """


@bridge.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--withdraw", is_flag=True, help="Offer these names no longer. この名前のファイルの配布をやめます。")
def publish(files: tuple[Path, ...], *, withdraw: bool) -> None:
    """Offer installers of a release, each in the place of the one before, or withdraw them.

    インストーラーを配ります。同じ種類の前のものと入れ替わります。

    Copied into downloads/ of the instance folder and offered from the next request on; compare the SHA-256 that is
    printed with the one that was published with the release.
    """
    from portal.downloads import Downloads  # noqa: PLC0415 - `mykey --help` needs none of it

    downloads = Downloads(read_settings().downloads)
    done = downloads.withdraw([file.name for file in files]) if withdraw else downloads.publish(files)
    facts = [{"file": each.file, "size": each.size, "sha256": each.sha256} for each in done]
    show(facts, "{sha256}  {size}  {file}" + (" is withdrawn." if withdraw else " is on offer."))
