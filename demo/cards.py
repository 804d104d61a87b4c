"""The demo's cards: what is printed on each, and how it behaves."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding

from demo.instance import DemoInstance
from demo.virtual_card import VirtualCard
from demo.virtual_card.service_card import ServiceCard
from reader_bridge.words.sentences import Sentence


@dataclass(frozen=True)
class Print:
    """What is to be read on a card, and beside it; a card without a PIN shows none, a service card has a UID."""

    name: str
    title: Sentence
    note: Sentence
    pin: str | None = None
    common_name: str | None = None  # of its certificate
    expired: bool = False
    locked: bool = False
    uid: str | None = None  # in hex
    felica: bool = False


MY_NUMBER_CARDS = (
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
)
LIBRARY_CARD = Print(
    "library",
    Sentence("図書館のカード", "Library card"),
    Sentence("FeliCaの利用カード", "FeliCa user card"),
    uid="0114B3C2D4E5F607",
    felica=True,
)
REISSUED = Print(
    "library-new",
    Sentence("新しい図書館のカード", "New library card"),
    Sentence("再発行したカード", "A re-issued one"),
    uid="0114B3C2D4E5F618",
    felica=True,
)
SHOP_CARD = Print(
    "shop",
    Sentence("商店のカード", "Shop card"),
    Sentence("MIFAREの会員証", "MIFARE member card"),
    uid="04A1B2C3D4E580",
)
PRINTS = (*MY_NUMBER_CARDS, LIBRARY_CARD)
"""What a citizen has at home."""
RENEWABLE = MY_NUMBER_CARDS[:2]
AT_SHOPS = (*MY_NUMBER_CARDS[:3], LIBRARY_CARD, REISSUED, SHOP_CARD)


def deck(instance: DemoInstance) -> dict[str, VirtualCard]:
    """Make the cards, with PIN counters that last as long as the demo runs."""
    return {each.name: _card(each, instance) for each in dict.fromkeys((*PRINTS, *AT_SHOPS))}


def _card(printed: Print, instance: DemoInstance) -> VirtualCard:
    if printed.uid:
        return ServiceCard(bytes.fromhex(printed.uid), felica=printed.felica)
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
    )
