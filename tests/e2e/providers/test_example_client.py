"""The example for shops runs as it stands, against a portal that listens."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.portal.actors.town import LIBRARY, Town

CLIENT = Path(__file__).parents[3] / "examples" / "client.py"


@pytest.fixture
def example(portal, authority, keys, clock, tmp_path):
    """Run the example with a card that is registered, and with a terminal's code of its own."""
    town = Town(portal.app, authority, keys, clock)
    card = town.card()
    town.register(card)
    (tmp_path / "card.der").write_bytes(card.public_bytes(Encoding.DER))

    def run(service_id):
        with portal.app.app_context():
            code = town.services.terminals.add(LIBRARY, "受付")[1].bridge
        arguments = [portal.origin, code, tmp_path / "card.der", service_id]
        return subprocess.run([sys.executable, CLIENT, *arguments], capture_output=True, text=True, check=False)

    return run


def test_a_shop_enrols_links_and_looks_up_in_thirty_lines(example):
    done = example("000123")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("'service_id': '000123'") == 2
    assert len(CLIENT.read_text().splitlines()) <= 30


def test_a_refusal_is_told_with_its_code_and_its_words(example):
    example("000123")
    again = example("000123")
    assert (again.returncode, again.stderr) == (1, "service-id-already-registered: 既にサービスID登録済み\n")
