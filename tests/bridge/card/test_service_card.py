import logging

import pytest

from demo.virtual_card import ServiceCard
from reader_bridge.card.apdu import TRAFFIC, Command
from reader_bridge.card.jpki import Jpki
from reader_bridge.card.service_card import is_storage, read_uid
from reader_bridge.errors import CardUnreadable, CommandRefused, ServiceCardRandom

from .scripted import ScriptedCard

FELICA_ATR = "3B8F8001804F0CA00000030611003B0000000042"
MIFARE_ATR = "3B8F8001804F0CA000000306030001000000006A"


def test_the_virtual_cards_have_the_atr_that_real_readers_make():
    assert ServiceCard(bytes(8), felica=True).atr.hex().upper() == FELICA_ATR
    assert ServiceCard(bytes(4), felica=False).atr.hex().upper() == MIFARE_ATR


@pytest.mark.parametrize("atr", [FELICA_ATR, MIFARE_ATR, "3B8F8001804F0CA00000030603F011000000008A"])
def test_felica_and_type_a_are_storage_cards_by_their_atr(atr):
    assert is_storage(bytes.fromhex(atr))


@pytest.mark.parametrize(
    "atr",
    {
        "none": "",
        "My Number card, contact": "3BE000FF8131FE4514",
        "My Number card, contactless": "3B8880010000" + "05E0B381A1007F",
        "ISO 14443-4": "3B8180018080",
        "ISO 14443-3 B": "3B8F8001804F0CA0000003060700030000000000",
        "ISO 15693": "3B8F8001804F0CA0000003060B00140000000077",
        "another provider of names": "3B8F8001804F0CA0000004061100" + "3B0000000042",
        "cut short": FELICA_ATR[:-2],
        "longer": FELICA_ATR + "00",
    }.values(),
)
def test_nothing_else_is_a_storage_card(atr):
    assert not is_storage(bytes.fromhex(atr))


@pytest.mark.parametrize("uid", ["04A1B2C3", "04A1B2C3D4E5F6", "0123456789ABCDEF", "04A1B2C3D4E5F60718AB", "0" * 14])
def test_the_uid_is_told_in_the_readers_order_by_one_command(uid):
    card = ScriptedCard(uid + "9000")
    assert (read_uid(card), card.heard) == (uid, ["FFCA000000"])


@pytest.mark.parametrize("uid", ["08000000", "08A1B2C3"])
def test_a_random_uid_is_refused(uid):
    with pytest.raises(ServiceCardRandom):
        read_uid(ScriptedCard(uid + "9000"))


@pytest.mark.parametrize("answer", ["9000", "A1B2C39000", "04A1B2C3D49000", "00" * 11 + "9000", "6A81", "6300"])
def test_what_is_no_uid_is_unreadable(answer):
    with pytest.raises(CardUnreadable):
        read_uid(ScriptedCard(answer))


def test_seven_bytes_that_begin_with_08_are_no_random_uid(connect):
    assert read_uid(connect(ServiceCard(b"\x08" * 7, felica=False))) == "08" * 7


def test_the_citizens_flow_cannot_ask_for_the_uid(connect):
    card = ServiceCard(b"\x01" * 8, felica=True)
    jpki = Jpki(connect(card))
    with pytest.raises(CommandRefused):
        jpki._files.send(Command(0xFF, 0xCA, 0x00, 0x00, le=256))
    assert card.trace == []


def test_a_terminal_logs_neither_certificate_nor_uid(connect, issued, caplog):
    caplog.set_level(TRAFFIC)
    jpki = Jpki(connect(issued.card()), terminal=True)
    jpki.select()
    assert jpki.certificate() == issued.certificate
    read_uid(connect(ServiceCard(b"\xab" * 8, felica=True)))
    logged = [record.getMessage() for record in caplog.records if record.levelno <= logging.DEBUG]
    assert "> FF CA 00 00 00" in logged
    assert {message for message in logged if message.startswith("<")} == {"< 9000 OK"}
