"""Put a virtual card into the PC/SC virtual reader from the command line, loudly."""

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from demo.virtual_card import ServiceCard, VirtualCard, vpcd

WARNING = """\
********************************************************************************
*  これは仮想カードです。本物のカードではありません。                          *
*  THIS IS A VIRTUAL CARD, not a real one. Never type a real PIN.               *
********************************************************************************"""
_File = click.Path(exists=True, dir_okay=False, path_type=Path)


def _uid(_ctx: click.Context, _param: click.Parameter, typed: str | None) -> bytes | None:
    try:
        return None if typed is None else bytes.fromhex(typed)
    except ValueError:
        raise click.BadParameter("no bytes in hex") from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where vpcd listens.")
@click.option("--port", default=vpcd.PORT, show_default=True, help="The port of vpcd's slot.")
@click.option("--certificate", type=_File, help="The citizen's certificate, DER.")
@click.option("--key", type=_File, help="Its private key, PEM without a password.")
@click.option("--authority", type=_File, help="The authority's certificate, DER.")
@click.option("--felica", callback=_uid, metavar="IDM", help="A service card instead: FeliCa, its IDm in hex.")
@click.option("--mifare", callback=_uid, metavar="UID", help="A service card instead: MIFARE, its UID in hex.")
def main(  # noqa: PLR0913 (click hands over each option)
    host: str,
    port: int,
    *,
    certificate: Path | None,
    key: Path | None,
    authority: Path | None,
    felica: bytes | None,
    mifare: bytes | None,
) -> None:
    """Serve a card until the reader goes away: a My Number card with the PIN 1234, or a service card."""
    card: VirtualCard
    match certificate, key, authority, felica, mifare:
        case Path(), Path(), Path(), None, None:
            card = _my_number_card(certificate, key, authority)
        case None, None, None, bytes(), None:
            card = ServiceCard(felica, felica=True)
        case None, None, None, None, bytes():
            card = ServiceCard(mifare, felica=False)
        case _:
            raise click.UsageError("one card: --certificate, --key and --authority, or --felica, or --mifare")
    click.echo(WARNING, err=True)
    try:
        connection = vpcd.reach(host, port)
    except OSError as problem:
        raise click.ClickException(
            f"no virtual reader at {host}:{port} ({problem}); does pcscd run with vpcd?"
        ) from None
    click.echo(f"virtual card in the virtual reader at {host}:{port}", err=True)
    vpcd.serve(card, connection)


def _my_number_card(certificate: Path, key: Path, authority: Path) -> VirtualCard:
    private = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private, RSAPrivateKey):
        raise click.BadParameter("a My Number card has an RSA key", param_hint="--key")
    return VirtualCard(certificate=certificate.read_bytes(), key=private, authority_certificate=authority.read_bytes())


if __name__ == "__main__":
    main()
