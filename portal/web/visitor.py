"""What a browser tells of itself: coarse, possibly wrong, and good for the order of a page alone."""

import re

from flask import request

_SYSTEMS = {
    "phone": r"Android|iPhone|iPad|iPod|Mobile",
    "windows": r"Windows NT",
    "macos": r"Macintosh",
    "linux": r"Linux|X11(?!; CrOS)",
}
"""In this order: Android says that it is a Linux. An iPad mostly says that it is a Macintosh."""


def system() -> str | None:
    """Guess the system of this request's browser: phone (tablets too), windows, macos, linux; None for any other."""
    told = request.headers.get("User-Agent", "")
    return next((name for name, words in _SYSTEMS.items() if re.search(words, told)), None)
