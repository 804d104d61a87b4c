"""A PIN between the citizen's fingers and the card, where no log and no traceback shows it."""

import re
from typing import Self

from reader_bridge.card.jpki import Jpki, fold_pin
from reader_bridge.errors import Cancelled, PinMalformed


class Pin:
    """Four digits without a telling repr."""

    def __init__(self, digits: str) -> None:
        self._digits = digits

    def __repr__(self) -> str:
        return "<PIN>"

    @classmethod
    def typed(cls, typed: str | None) -> Self:
        """Take what was typed; raise Cancelled for nothing, PinMalformed for anything but four digits."""
        pin = cls(fold_pin(typed or ""))
        del typed
        if not pin._digits:
            raise Cancelled
        if not re.fullmatch(r"[0-9]{4}", pin._digits):
            raise PinMalformed
        return pin

    def send(self, jpki: Jpki) -> None:
        """Verify it on the card, once; what goes wrong is raised without the frames and causes that held it."""
        try:
            jpki.verify_pin(self._digits)
        except BaseException as error:  # noqa: BLE001 (raised again below)
            failure = error.with_traceback(None)
        else:
            return
        failure.__cause__ = failure.__context__ = None
        raise failure
