"""What a browser tells of itself: coarse, possibly wrong, and good for the order of a page alone."""

import re

from flask import Response, request

from portal.web.access import COOKIE_LASTS, sessions

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


def met_before() -> bool:
    """Tell whether a bridge that this browser opened has claimed once; whether there is one now, nobody can know."""
    return request.cookies.get(_cookie_name()) == "yes"


def remember_bridge(response: Response) -> Response:
    """Remember in this browser, and nowhere else, that it opened a bridge."""
    sessions().set_cookie(response, _cookie_name(), "yes", max_age=COOKIE_LASTS)
    return response


def _cookie_name() -> str:
    return f"{sessions().cookie}-bridge"
