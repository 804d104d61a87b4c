from tests.bridge.card.conftest import connect, issued

__all__ = ["connect", "issued"]
