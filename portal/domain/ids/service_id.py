"""サービスID: its form as each provider has it, and the one reading of what a scanner or anybody else writes."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from string import ascii_uppercase, digits
from typing import NamedTuple

from portal.domain.codes import Code
from portal.domain.formats.check_digit import BAR_CODE, CHECK_DIGITS
from portal.domain.formats.spreadsheet import is_plain, is_rewritten, undressed
from portal.domain.formats.typed_code import LONGEST_TYPED

LONGEST = 64
LONGEST_PICTURE = 200
GREATEST = "\U0010ffff"
"""Greater than every character of a text, being none itself: programs keep it for their own use."""
UNREADABLE = (
    *(Code.SERVICE_ID_MALFORMED, Code.SERVICE_ID_TOO_LONG, Code.SERVICE_ID_IN_KANA),
    *(Code.SERVICE_ID_REWRITTEN, Code.SERVICE_ID_ZEROS_MISSING),
)
"""Why a text is no service ID."""
_PLACES = {"9": frozenset(digits), "A": frozenset(ascii_uppercase), "X": frozenset(digits + ascii_uppercase)}
_SEPARATORS = str.maketrans("", "", "- ")
_FILLING = {"9": "1234567890", "A": "ABCDABCDAB", "X": "1234567890"}
_UID = re.compile(r"(?!08[0-9A-F]{6}$)(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{20})")
"""4, 7 or 10 bytes of ISO 14443-3 A, but no random UID (4 bytes from 08 on); 8 bytes of FeliCa."""
HYPHENS = re.compile("[\u02d7\u2010-\u2015\u2043\u2212\u2500\u2501\u2796]|(?<![\u3041-\u3096\u30a1-\u30fa])ー")
"""What stands for a hyphen; ー too, as an input method writes it, but where it lengthens a kana."""
_NOT_SOUND = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_KANA = re.compile("[\u3001\u3002\u300c\u300d\u3041-\u3096\u30a1-\u30fc]")


class Fold(StrEnum):
    """What a reading changes in what came."""

    BLANKS = "blanks"
    WIDTH = "width"
    SPREADSHEET = "spreadsheet"
    HYPHENS = "hyphens"
    LETTERS = "letters"
    CASE = "case"


class Reading(NamedTuple):
    """What came, made visible; the text as it is kept, or where it is refused as it was folded; why it is refused."""

    came: str
    text: str
    folds: tuple[Fold, ...]
    code: Code | None = None


def is_sound(text: str) -> bool:
    """Tell whether a text is 1 to 64 characters in NFC without control characters or outer spaces (bridge-protocol).

    What breaks lines or is never seen as a character of its own (Cf) counts as a control character.
    """
    return (
        1 <= len(text) <= LONGEST
        and text == text.strip() == unicodedata.normalize("NFC", text)
        and (text.isprintable() or not any(unicodedata.category(each) in _NOT_SOUND for each in text))
        and GREATEST not in text
    )


def accepts(picture: str | None, check_digit: str | None, service_id: str) -> bool:
    """Tell whether a text is a service ID as a provider has them; None for what it did not set."""
    return (
        is_sound(service_id)
        and (picture is None or fits(picture, service_id))
        and (check_digit is None or CHECK_DIGITS[check_digit](service_id))
    )


def is_uid(text: str) -> bool:
    """Tell whether a text is the UID of a service card, in upper-case hex (bridge-protocol, "Terminals")."""
    return bool(_UID.fullmatch(text))


def read(picture: str | None, check_digit: str | None, came: str) -> Reading:
    """Read a service ID that a scanner, a keyboard, a file, a program or a search brings, as its provider has them.

    Width, outer blanks, signs for a hyphen, and what a spreadsheet put around are folded. The start and stop letters of
    NW-7 are taken off, and case, hyphens and blanks made as the picture writes them, unless it lets them pass as they
    are. What it read is read again as the same. What is refused has a code of UNREADABLE.
    """
    seen, text = visible(came), came
    if len(came.strip()) > LONGEST_TYPED:
        return Reading(seen, seen, (), Code.SERVICE_ID_TOO_LONG)
    folds: tuple[Fold, ...] = ()
    for fold, change in () if is_plain(text) else _FOLDS:
        before, text = text, change(text)
        folds += (fold,) * (before != text)
    for kept, ends in _candidates(picture, text):
        if is_sound(kept) and (check_digit is None or CHECK_DIGITS[check_digit](kept.join(ends))):
            return Reading(seen, kept, (*folds, *_changes(text, kept, ends)))
    return Reading(seen, text, folds, _refusal(picture, text))


def visible(text: str) -> str:
    """Show a text that may be anything: what is not to be seen as �, and what is too long with an ellipsis."""
    if len(text) <= LONGEST_TYPED and text.isprintable():
        return text
    to_be_seen = (each.isprintable() or unicodedata.category(each) == "Zs" for each in text)
    shown = "".join(each if seen else "\ufffd" for each, seen in zip(text[:LONGEST_TYPED], to_be_seen, strict=False))
    return shown + "…" * (len(text) > LONGEST_TYPED)


def fits(picture: str, service_id: str) -> bool:
    """Tell whether a service ID has one of the forms between |: 9 a digit, A one of A–Z, X either, all else itself."""
    return any(_laid_over(form, service_id) == service_id for form in picture.split("|"))


def _candidates(picture: str | None, text: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what may be kept of a text, the nearest first, with the start and stop letters that were taken off."""
    bar_code = BAR_CODE.fullmatch(text)
    bare = [(bar_code[2], (bar_code[1].upper(), bar_code[3].upper()))] if bar_code else []
    if picture is None:
        middle, ends = (bare or [(text, ("", ""))])[0]
        if not (is_rewritten(middle) or _KANA.search(text)):
            yield middle, ends
        return
    for middle, ends in ((text, ("", "")), *bare):
        laid = {written for form in picture.split("|") if (written := _laid_over(form, middle))}
        if middle in laid:
            yield middle, ends
        elif len(laid) == 1:  # one of several would be a guess
            yield laid.pop(), ends


def _laid_over(form: str, text: str) -> str | None:
    """Write a text with the hyphens, blanks and case of a form; None where its characters do not fit."""
    bare, places = text.translate(_SEPARATORS), form.translate(_SEPARATORS)
    if len(bare) != len(places):
        return None
    written = [_in_place(place, character) for place, character in zip(places, bare, strict=True)]
    if "" in written:
        return None
    rest = iter(written)
    return "".join(place if place in "- " else next(rest) for place in form)


def _in_place(place: str, character: str) -> str:
    """Write a character as a place of a form wants it; "" where it does not."""
    wanted = _PLACES.get(place)
    if wanted is None:
        return place if character.casefold() == place.casefold() else ""
    large = character.upper() if character.isascii() else ""
    return large if large in wanted else ""


def _changes(text: str, kept: str, ends: tuple[str, str]) -> Iterator[Fold]:
    """Name what a candidate changed in a folded text."""
    if any(ends):
        yield Fold.LETTERS
        text = text[1:-1]
    if text.casefold() != kept.casefold():
        yield Fold.HYPHENS
    if text.translate(_SEPARATORS) != kept.translate(_SEPARATORS):
        yield Fold.CASE


def _refusal(picture: str | None, text: str) -> Code:
    """Say why a folded text is no service ID."""
    if is_rewritten(text):
        return Code.SERVICE_ID_REWRITTEN
    if _KANA.search(text):
        return Code.SERVICE_ID_IN_KANA
    if len(text) > LONGEST:
        return Code.SERVICE_ID_TOO_LONG
    longer = (each for each in (picture or "").split("|") if len(each) > len(text))
    lacks_zeros = text.isdigit() and any(_laid_over(each, text.zfill(len(each))) for each in longer)
    return Code.SERVICE_ID_ZEROS_MISSING if lacks_zeros else Code.SERVICE_ID_MALFORMED


_FOLDS: tuple[tuple[Fold, Callable[[str], str]], ...] = (
    (Fold.BLANKS, lambda text: "".join(each for each in text if unicodedata.category(each) != "Cf").strip()),
    (Fold.WIDTH, lambda text: unicodedata.normalize("NFKC", text)),
    (Fold.SPREADSHEET, undressed),
    (Fold.HYPHENS, lambda text: HYPHENS.sub("-", text)),
)


def example(picture: str, check_digit: str | None) -> str | None:
    """Make a service ID that a picture and a check digit let pass; None where there is none."""
    forms = picture.split("|")
    if len(picture) > LONGEST_PICTURE or not all(is_sound(form) for form in forms):
        return None
    made = (read(picture, check_digit, each) for form in forms for each in _filled(form))
    return next((each.text for each in made if each.code is None and each.text == each.came), None)


def _filled(form: str) -> Iterator[str]:
    """Fill a form a hundred times; the last two places that take a digit take each one."""
    places = [_FILLING.get(each, each * 10)[place % 10] for place, each in enumerate(form)]
    varied = [place for place, each in enumerate(form) if each in "9X"][-2:]
    for number in range(100):
        for place, more in zip(reversed(varied), (number, number // 10), strict=False):
            places[place] = str((more + (place != varied[-1]) * (place + 1)) % 10)
        yield "".join(places)
