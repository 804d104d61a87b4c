"""やさしい日本語: readings over every kanji, and dates as they are spoken.

The catalogue writes a reading after its word, 登録《とうろく》; a page shows it above.
"""

import re
from datetime import date, datetime
from http import HTTPStatus

from flask import Response
from flask_babel import format_date, format_datetime, format_time

from portal.web.language import EASY, language_code

READ = re.compile(
    r"((?<![0-9])(?:[0-9]+人(?=《ひとり》|《ふたり》)|[0-9]+日(?=《[ぁ-ゖ]{1,9}か》|《ついたち》|《いちにち》))"
    r"|(?<![々〆ヶ一-龠])[々〆ヶ一-龠]+)《([ぁ-ゖー]+)》"
)
"""A word is read from its beginning alone: tried from each of its characters, a long row of digits that somebody sent
takes time with its square, and all threads wait."""
AS_IT_IS = r'\stranslate="no"[^<>]*>[^<]*|\s(?:value|data-copy)="[^"]*"'
"""What somebody wrote, and what a form sends back or a button copies: it may look like a word with its reading."""
NO_RUBY = re.compile(
    r"<(title|option|textarea)\b.*?</\1>|<[a-z][^<>]*?\stranslate=\"no\"[^<>]*>[^<]*"
    r"|<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL,
)
"""Where an element cannot stand, or must not: in these, and in a tag's own attributes."""
KANA = re.compile(f"({AS_IT_IS})|{READ.pattern}")
NOON = 12
NAMED = (None, "short", "medium", "long")
FIRST_DAYS = ("ついたち", "ふつか", "みっか", "よっか", "いつか", "むいか", "なのか", "ようか", "ここのか", "とおか")
DAYS = dict(enumerate(FIRST_DAYS, 1)) | {14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか"}
WEEKDAYS = dict(zip("日月火水木金土", ("にち", "げつ", "か", "すい", "もく", "きん", "ど"), strict=True))


def show_readings(response: Response) -> Response:
    """Show the readings of a page above their words."""
    page = response.status_code != HTTPStatus.NO_CONTENT and response.mimetype == "text/html"
    if page and language_code() == EASY:  # the language of a call or a poll is nobody's question
        response.set_data(with_ruby(response.get_data(as_text=True)))
    return response


def with_ruby(page: str) -> str:
    """Make a ruby element of each reading in the text of a page; elsewhere its kana alone stay."""
    shown, end = [], 0
    for place in NO_RUBY.finditer(page):
        kana = KANA.sub(lambda found: found[1] or found[3], place[0])
        shown += [READ.sub(r"<ruby>\1<rt>\2</rt></ruby>", page[end : place.start()]), kana]
        end = place.end()
    return "".join((*shown, READ.sub(r"<ruby>\1<rt>\2</rt></ruby>", page[end:])))


def without_readings(words: object) -> str:
    """Write words for a file, where no reading can stand above them."""
    return READ.sub(r"\1", str(words))


def day(value: date, form: str | None = None) -> str:
    """Write a day, as flask_babel.format_date does."""
    if language_code() != EASY or form not in NAMED:
        return str(format_date(value, form))
    reading = DAYS.get(int(format_date(value, "d")), "にち")
    weekday = f"（EEEE《{WEEKDAYS[format_date(value, 'E')]}ようび》）" if form == "long" else ""
    return str(format_date(value, f"y年《ねん》M月《がつ》d日《{reading}》{weekday}"))


def time_of_day(value: datetime, form: str | None = None) -> str:
    """Write a time, as flask_babel.format_time does."""
    if language_code() != EASY:
        return str(format_time(value, form))
    minute = int(format_time(value, "m"))
    minutes = f"m分《{'ふん' if minute % 10 in (2, 5, 7, 9) else 'ぷん'}》"
    half = "ごぜん" if int(format_time(value, "H")) < NOON else "ごご"
    return str(format_time(value, f"a《{half}》K時《じ》{minutes if minute else ''}"))


def moment(value: datetime, form: str | None = None) -> str:
    """Write a day and its time, as flask_babel.format_datetime does, with the month's name in English.

    The short form of English names another day to half of its readers: 11/12/26.
    """
    language = language_code()
    if language == EASY:
        return f"{day(value, form)} {time_of_day(value, form)}"
    if language == "en" and form == "short":
        return f"{day(value, 'medium')}, {time_of_day(value, 'short')}"
    return str(format_datetime(value, form))
