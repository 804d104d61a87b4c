"""サービス提供ID: the form that the draft draws (A-α1-0001), and the one reading of what an operator types."""

import re
import unicodedata

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.formats.typed_code import LONGEST_TYPED
from portal.domain.ids.service_id import HYPHENS

_FORM = re.compile("([A-Z])([α-ρσ-ω][0-9])([0-9]{4})")
_LATIN = re.compile("[A-Z]{2}[0-9]{5}")


def read_provider_id(came: str) -> str:
    """Return the service provider ID that somebody means: a letter, a Greek letter with a digit, and four digits.

    Width, case, blanks, what is not seen, and signs for a hyphen are folded. A letter is never changed for one that
    looks like it. The one function for the live check, the page and the command.

    Raises AskAgain: service-provider-id-not-greek for a Latin letter in the place of the Greek one;
    service-provider-id-malformed for all else.
    """
    bare = folded_provider_id(came).replace("-", "")
    if match := _FORM.fullmatch(bare):
        return "-".join(match.groups())
    raise AskAgain(Code.SERVICE_PROVIDER_ID_NOT_GREEK if _LATIN.fullmatch(bare) else Code.SERVICE_PROVIDER_ID_MALFORMED)


def folded_provider_id(came: str) -> str:
    """Fold what was typed, to read it or to show it where it is refused; a text that is too long is none."""
    narrow = unicodedata.normalize("NFKC", came) if len(came) <= LONGEST_TYPED else ""
    seen = (each for each in narrow if not each.isspace() and unicodedata.category(each) != "Cf")
    text = HYPHENS.sub("-", "".join(seen))
    return "".join(each.upper() if each.isascii() else each.lower() for each in text)
