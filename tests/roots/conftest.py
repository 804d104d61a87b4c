from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from tests.conftest import VALID
from tests.pcsc.desk.relay import raise_loopback
from tests.roots.root import Root

DIST, ROOTS = Path("dist"), Path("build/roots")


@pytest.fixture(scope="session", autouse=True)
def loopback():
    """Have a network of our own, in which nothing but loopback is."""
    raise_loopback()
    assert "eth" not in Path("/proc/net/dev").read_text(), "run this with unshare --net: make test-roots"


@pytest.fixture(scope="module")
def enter():
    """Make a root out of one of the archives."""
    made = []

    def enter(name):
        made.append(Root(ROOTS / f"{name}.tar"))
        return made[-1]

    yield enter
    for root in made:
        root.close()


@pytest.fixture(scope="module")
def my_number_card(authority, keys):
    certificate = authority.issue(public_key=keys[0].public_key(), **VALID).public_bytes(Encoding.DER)
    authority_certificate = authority.certificate.public_bytes(Encoding.DER)
    return lambda: VirtualCard(certificate=certificate, key=keys[0], authority_certificate=authority_certificate)


def built(pattern):
    """Return the one file that make has built."""
    found = list(DIST.glob(pattern))
    assert len(found) == 1, f"{pattern}: run make deb bridge-app first"
    return found[0]
