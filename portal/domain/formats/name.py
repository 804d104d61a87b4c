"""A name by which people know a provider, a terminal or somebody of staff."""

import unicodedata

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.formats.typed_code import LONGEST_TYPED
from portal.domain.ids.service_id import is_sound


def read_name(came: str, refusal: Code) -> str:
    """Return a name of 1 to 64 characters without outer blanks; letters stay as they are written, in NFC.

    Raises AskAgain with the refusal: it is empty, too long, or holds what is not seen or breaks lines.
    """
    name = unicodedata.normalize("NFC", came).strip() if len(came) <= LONGEST_TYPED else ""
    if not is_sound(name):
        raise AskAgain(refusal)
    return name
