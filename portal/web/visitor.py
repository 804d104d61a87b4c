"""What a browser tells of itself: coarse, possibly wrong, and good for the order of a page alone."""

import re

from flask import current_app, request

from portal.web.access import services

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


def page_of_ours(address: str) -> str | None:
    """Return path and query of an address that a browser names, where it is a page of ours; None for any other.

    It is whole, as a referrer is, or its path alone.
    """
    path, mark, query = address.removeprefix(services().settings.origin).partition("?")
    if not path.startswith("/") or not address.isprintable():  # no header has a line break
        return None
    path = "/" + path.lstrip("/")  # two slashes would name a host
    return path + mark + query if current_app.url_map.bind("").test(path, "GET") else None
