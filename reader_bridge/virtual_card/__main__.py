"""Put a virtual card into the PC/SC virtual reader from the command line, loudly."""

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from reader_bridge.virtual_card import VirtualCard, vpcd

WARNING = """\
********************************************************************************
*  これは仮想カードです。本物のマイナンバーカードではありません。              *
*  THIS IS A VIRTUAL CARD, not a My Number card. Never type a real PIN.         *
********************************************************************************"""
_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where vpcd listens.")
@click.option("--port", default=vpcd.PORT, show_default=True, help="The port of vpcd's slot.")
@click.option("--certificate", type=_File, required=True, help="The citizen's certificate, DER.")
@click.option("--key", type=_File, required=True, help="Its private key, PEM without a password.")
@click.option("--authority", type=_File, required=True, help="The authority's certificate, DER.")
def main(host: str, port: int, certificate: Path, key: Path, authority: Path) -> None:
    """Serve a card with the PIN 1234 until the reader goes away."""
    private = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private, RSAPrivateKey):
        raise click.BadParameter("a My Number card has an RSA key", param_hint="--key")
    card = VirtualCard(certificate=certificate.read_bytes(), key=private, authority_certificate=authority.read_bytes())
    click.echo(WARNING, err=True)
    try:
        connection = vpcd.reach(host, port)
    except OSError as problem:
        raise click.ClickException(
            f"no virtual reader at {host}:{port} ({problem}); does pcscd run with vpcd?"
        ) from None
    click.echo(f"virtual card in the virtual reader at {host}:{port}", err=True)
    vpcd.serve(card, connection)


if __name__ == "__main__":
    main()
