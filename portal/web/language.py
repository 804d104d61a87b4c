"""The language of a request: chosen here, the browser's, or Japanese."""

from flask import request
from flask_babel import get_locale

LANGUAGES = ("ja", "en")
LANGUAGE_COOKIE = "mykey-language"


def chosen_language() -> str:
    """Return the language that was chosen here, or the browser's, or Japanese.

    A tablet at a desk is many people's: each begins in Japanese, whatever its browser prefers.
    """
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES) or "ja"
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    at_a_desk = request.path.startswith("/reception")
    return (None if at_a_desk else request.accept_languages.best_match(LANGUAGES)) or "ja"


def locale_code() -> str:
    """Return the language of this request, for <html lang>."""
    return str(get_locale() or "ja")
