"""The language of a request: chosen here, the browser's, or Japanese."""

from functools import cache
from typing import Any

from flask import Flask, request
from flask_babel import get_locale, get_translations

LANGUAGES = {"ja": "日本語", "easy": "やさしい日本語", "en": "English"}
"""Each as its cookie and its link have it, and its name; a browser asks for Japanese and English alone."""
EASY = "easy"
LOCALES = {EASY: "ja@easy"}
LANGUAGE_COOKIE = "mykey-language"
TEXT_SIZES, TEXT_SIZE_COOKIE = ("normal", "large"), "mykey-text-size"


def chosen_language() -> str:
    """Return the locale of the language that was chosen here, or of the browser's, or of Japanese.

    A tablet at a desk is many people's: each begins in Japanese, whatever its browser prefers.
    """
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES and not request.path.startswith("/api/"):
        return LOCALES.get(chosen, chosen)
    at_a_desk = request.path.startswith("/reception")
    return (None if at_a_desk else request.accept_languages.best_match(("ja", "en"))) or "ja"


def language_code() -> str:
    """Return the language of this request, as LANGUAGES has it."""
    locale = get_locale()
    return EASY if str(locale) == LOCALES[EASY] else locale_code()


def locale_code() -> str:
    """Return the language of this request, for <html lang>; やさしい日本語 is Japanese."""
    locale = get_locale()
    return locale.language if locale else "ja"


@cache
def _words_in(_locale: object) -> Any:
    return get_translations()


def find_words_once(app: Flask) -> None:
    """Let pages ask for the words of their language once a language, and not for each of a hundred sentences."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda one: _words_in(get_locale()).ugettext(one),
        ngettext=lambda one, many, count: _words_in(get_locale()).ungettext(one, many, count),
        newstyle=True,
    )
