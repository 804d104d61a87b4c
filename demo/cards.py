"""The demo's cards: what is printed on each, and how it behaves."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding

from demo.instance import DemoInstance
from reader_bridge.sentences import Sentence
from reader_bridge.virtual_card import VirtualCard


@dataclass(frozen=True)
class Print:
    """What is to be read on a card, and beside it; a card without a PIN shows none."""

    name: str
    title: Sentence
    note: Sentence
    pin: str | None
    common_name: str | None  # of its certificate
    expired: bool = False
    locked: bool = False
    other_card: bool = False


PRINTS = (
    Print(
        "hanako",
        Sentence("ふつうのカード", "Ordinary card"),
        Sentence("見本 花子", "Hanako Mihon"),
        "1234",
        "1C2410DF79DGEL07202002B",
    ),
    Print(
        "taro",
        Sentence("ふつうのカード", "Ordinary card"),
        Sentence("見本 太郎", "Taro Mihon"),
        "5678",
        "7K0M93QX5TBR2W07202002B",
    ),
    Print(
        "expired",
        Sentence("期限切れのカード", "Expired card"),
        Sentence("電子証明書の期限が過ぎている", "Its certificate ran out"),
        "1234",
        "4N8P61ZC0VHS3D07202002B",
        expired=True,
    ),
    Print(
        "locked",
        Sentence("ロックされたカード", "Locked card"),
        Sentence("暗証番号を3回間違えた", "Three wrong PINs before"),
        "1234",
        "9F2J57LA8WKE6U07202002B",
        locked=True,
    ),
    Print(
        "face",
        Sentence("顔認証のカード", "Face-authentication card"),
        Sentence("暗証番号を使えない", "Has no PIN"),
        None,
        "3B6T04YM1GNV8Q07202002B",
        locked=True,
    ),
    Print(
        "bare",
        Sentence("証明書なしカード", "Card without certificate"),
        Sentence("電子証明書が入っていない", "No certificate was issued"),
        "1234",
        None,
    ),
    Print(
        "library",
        Sentence("図書館のカード", "Library card"),
        Sentence("別の種類のカード", "Another kind of card"),
        None,
        None,
        other_card=True,
    ),
)


def deck(instance: DemoInstance) -> dict[str, VirtualCard]:
    """Make the cards, with PIN counters that last as long as the demo runs."""
    return {each.name: _card(each, instance) for each in PRINTS}


def _card(printed: Print, instance: DemoInstance) -> VirtualCard:
    certificate = key = None
    if printed.common_name:
        issued, key = instance.issued(printed.name, printed.common_name, expired=printed.expired)
        certificate = issued.public_bytes(Encoding.DER)
    return VirtualCard(
        certificate=certificate,
        key=key,
        authority_certificate=instance.authority.certificate.public_bytes(Encoding.DER),
        pin=printed.pin or "0000",
        tries=0 if printed.locked else 3,
        other_card=printed.other_card,
    )
