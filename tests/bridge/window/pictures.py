"""Write a picture of every page, in both languages, with the text at 100 % and 200 %: `make pictures`."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from reader_bridge.words.states import STATES
from tests.bridge.window.gallery import BESIDE, window_at

WIDTH, HEIGHT = 1024, 600


SHOWN = {  # the documents show those of the page /bridge, too
    "portal/static/pictures": ("new-origin-question", "no-card", "pin-prompt", "completion-url"),
    "docs/pictures/bridge": ("start", "last-try-question", "terminal"),
}


def main(folder, *wanted):
    if folder == "--documents":
        for place, names in SHOWN.items():
            _write(place, names, sizes=(100,))
    else:
        _write(folder, wanted or (*BESIDE, *STATES), sizes=(100, 200))


def _write(folder, names, sizes):
    application = QApplication.instance() or QApplication(["pictures"])
    usual = application.font()
    for language in ("ja", "en"):
        for size in sizes:
            font = application.font()
            font.setPointSizeF(usual.pointSizeF() * size / 100)
            application.setFont(font)
            place = Path(folder, language, *([str(size)] if len(sizes) > 1 else []))
            place.mkdir(parents=True, exist_ok=True)
            for name in names:
                _picture(application, name, language, place)
            application.setFont(usual)


def _picture(application, name, language, place):
    window = window_at(name, language)
    window.resize(min(window.width(), WIDTH), min(window.height(), HEIGHT))
    window.show()
    window.page.beat()
    if hasattr(window, "_look"):
        window._look()
    for _ in range(3):
        application.processEvents()
    window.grab().save(str(place / f"{name.replace(' ', '-')}.png"))
    window.hide()
    window.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


if __name__ == "__main__":
    main(*sys.argv[1:])
