"""People's lives with the program of before: run by it, with its own tests' actors, on the database that it made."""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa

from portal import create_app
from portal.config import Settings
from tests.authority import Authority
from tests.conftest import NOW, VALID, Clock
from tests.portal.actors.staff import added_staff, signed_in_staff
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP, TARO, Town


def main(instance: str, database: str) -> None:
    """Register, link, look up, move to a renewed card, stop and confirm; staff sign in."""
    clock, authority = Clock(), Authority.create(organisation="JPKI", **VALID)
    (Path(instance) / "trust" / "authority.pem").write_bytes(authority.pem())
    settings = Settings(origin="https://id.example.jp", instance=instance, database_url=database, revocation="none")
    app = create_app(settings, demo_reader="http://127.0.0.1:1/", clock=clock)
    app.config["TESTING"] = True
    town = Town(app, authority, [rsa.generate_private_key(65537, 2048)], clock)
    hanako, taro = town.card(HANAKO), town.card(TARO)
    for card in (hanako, taro):
        town.register(card, LIBRARY, SHOP)
    assert town.look_up(taro)
    assert town.ask(town.card("5555AAAA5555BB07202002B"), SHOP) == "mykey-id-not-registered"
    code = town.code_of(hanako)  # before there is the renewed card
    town.by_code(town.renewed(), code)
    town.stop_code_of(taro)
    town.stop(town.person_of(taro))
    signed_in_staff(app)
    added_staff(app, "窓口 太郎")
    clock.forward(minutes=1)
    assert clock() > NOW


if __name__ == "__main__":
    main(*sys.argv[1:])
