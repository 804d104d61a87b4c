"""A terminal over a real card stack: enrolled by a live portal, its taps come from the virtual reader to the desk."""

import json
import re
import signal

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import ServiceCard, VirtualCard
from portal.domain.providers import Step
from tests.e2e.live import Live
from tests.pcsc.desk.daemon import Daemon
from tests.pcsc.desk.terminal_bridge import SENT, TerminalBridge
from tests.portal.actors.town import HANAKO, LIBRARY, Town
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
IDM, UID = "0123456789ABCDEF", "04A1B2C3"


class Shop:
    """A live portal, one terminal of a library, and its bridge at the virtual reader."""

    def __init__(self, live, town, place):
        self.live, self.town, self.place, self.bridge = live, town, place, None
        self.services = town.services
        with live.app.app_context():
            self.terminal, self.codes = self.services.terminals.add(LIBRARY, "受付1")
        self.terminal_id = self.terminal.terminal_id

    def enrol(self, daemon):
        self.bridge = TerminalBridge(self.live.origin, self.place, daemon)
        return self.bridge.enrol(self.codes.bridge)

    def asks(self, step):
        with self.live.app.app_context():
            self.services.reception.ask(self.services.terminals.known(self.terminal_id), step)

    def desk(self):
        with self.live.app.app_context():
            return self.services.reception.of(self.services.terminals.known(self.terminal_id))


@pytest.fixture
def shop(app_with, authority, keys, clock, tmp_path):
    live = Live(app_with)
    shop = Shop(live, Town(live.app, authority, keys, clock), tmp_path)
    yield shop
    if shop.bridge:
        shop.bridge.end()
    live.stop()


@pytest.fixture
def my_number_card(shop, authority, keys):
    certificate = shop.town.card()
    shop.town.register(certificate)
    der = certificate.public_bytes(Encoding.DER)
    root = authority.certificate.public_bytes(Encoding.DER)
    return VirtualCard(certificate=der, key=keys[0], authority_certificate=root)


@pytest.fixture
def running(shop, pcsc):
    assert shop.enrol(pcsc).returncode == 0
    running = shop.bridge.run()
    running.waits_for("Waiting for cards")
    return running


def test_a_terminal_is_enrolled_once_and_its_token_is_for_the_owner_alone(shop, pcsc):
    said = shop.enrol(pcsc)
    kept = shop.place / "terminal.json"
    assert (said.returncode, kept.stat().st_mode & 0o777) == (0, 0o600)
    token = json.loads(kept.read_text())["token"]
    assert "A-α1-0001" in said.stdout
    assert token not in said.stdout + said.stderr
    again = shop.enrol(pcsc)
    assert (again.returncode, "was used" in again.stderr) == (1, True)
    assert json.loads(kept.read_text())["token"] == token


def test_cards_come_to_the_desk_that_asks(shop, pcsc, running, my_number_card):
    shop.asks(Step.CARD)
    pcsc.insert(my_number_card)
    wait_until(lambda: shop.desk().mykey_id == HANAKO[:14])
    pcsc.remove()
    for card, uid in (
        (ServiceCard(bytes.fromhex(IDM), felica=True), IDM),
        (ServiceCard(bytes.fromhex(UID), felica=False), UID),
    ):
        shop.asks(Step.SERVICE_CARD)
        pcsc.insert(card)
        wait_until(lambda uid=uid: shop.desk().service_id == uid)
        assert [command.hex().upper()[:8] for command, _ in pcsc.trace()] == ["00A4040C", "FFCA0000"]
        pcsc.remove()
    assert running.end() == 0
    said = "".join(running.said)
    assert (said.count(SENT), said.count("Ended.")) == (3, 1)
    assert not re.search(f"{IDM}|{UID}|{HANAKO[:14]}|MII", said)
    sent = {command[:2] for command, _ in my_number_card.trace}
    assert sent == {b"\x00\xa4", b"\x00\xb0"}
    assert my_number_card.tries_left == 3


def test_one_insertion_is_one_tap_and_none_while_nobody_asks(shop, pcsc, running):
    pcsc.insert(ServiceCard(bytes.fromhex(IDM), felica=True))
    running.waits_for(SENT)
    shop.asks(Step.SERVICE_CARD)
    assert shop.desk().service_id is None
    pcsc.insert(ServiceCard(bytes.fromhex(UID), felica=False), slot=1)  # has both readers looked at
    running.waits_for(SENT, times=2)
    wait_until(lambda: shop.desk().service_id)
    assert (shop.desk().service_id, "".join(running.said).count(SENT)) == (UID, 2)


def test_a_random_uid_is_refused_and_so_is_a_card_of_neither_kind(shop, pcsc, running, my_number_card):
    shop.asks(Step.SERVICE_CARD)
    pcsc.insert(ServiceCard(bytes.fromhex("08A1B2C3"), felica=False))
    running.waits_for("changes at each tap")
    other = VirtualCard(certificate=None, key=None, authority_certificate=None, other_card=True)
    pcsc.insert(other)
    running.waits_for("neither a My Number card nor")
    assert [command[1] for command, _ in other.trace] == [0xA4]
    assert (shop.desk().service_id, shop.desk().problem) == (None, None)
    pcsc.insert(my_number_card)
    wait_until(lambda: shop.desk().problem == "service-card-wanted")
    assert shop.desk().service_id is None


def test_a_terminal_that_is_withdrawn_ends(shop, pcsc, running):
    with shop.live.app.app_context():
        shop.services.terminals.revoke(shop.terminal_id)
    pcsc.insert(ServiceCard(bytes.fromhex(IDM), felica=True))
    assert running.process.wait(timeout=20) == 3
    running.end()
    assert "not enrolled" in "".join(running.said)


def test_the_service_may_stop_and_start_again_and_no_card_is_told_twice(shop):
    with Daemon() as daemon:
        shop.enrol(daemon)
        running = shop.bridge.run()
        running.waits_for("Waiting for cards")
        daemon.insert(ServiceCard(bytes.fromhex(IDM), felica=True))
        running.waits_for(SENT)
        daemon.stop()
        running.waits_for("service (PC/SC) is not running")
        daemon.start()
        running.waits_for("Waiting for cards", times=2)
        daemon.insert(ServiceCard(bytes.fromhex(IDM), felica=True))
        running.waits_for(SENT, times=2)
        assert running.end(signal.SIGINT) == 0
