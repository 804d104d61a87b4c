"""My Number and service cards in software: for tests and the demo, in process or behind a PC/SC virtual reader."""

from demo.virtual_card.card import ANDROID_LABEL, CARD_LABEL, IPHONE_LABEL, Quirks, VirtualCard
from demo.virtual_card.service_card import ServiceCard

__all__ = ["ANDROID_LABEL", "CARD_LABEL", "IPHONE_LABEL", "Quirks", "ServiceCard", "VirtualCard"]
