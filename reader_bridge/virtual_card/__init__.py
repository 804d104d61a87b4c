"""A My Number card in software: for tests and the demo, in process or behind a PC/SC virtual reader."""

from reader_bridge.virtual_card.card import ANDROID_LABEL, CARD_LABEL, IPHONE_LABEL, Manner, VirtualCard

__all__ = ["ANDROID_LABEL", "CARD_LABEL", "IPHONE_LABEL", "Manner", "VirtualCard"]
