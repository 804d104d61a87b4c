"""My Number and service cards in software: for tests and the demo, in process or behind a PC/SC virtual reader."""

from reader_bridge.virtual_card.card import ANDROID_LABEL, CARD_LABEL, IPHONE_LABEL, Manner, VirtualCard
from reader_bridge.virtual_card.service_card import ServiceCard

__all__ = ["ANDROID_LABEL", "CARD_LABEL", "IPHONE_LABEL", "Manner", "ServiceCard", "VirtualCard"]
