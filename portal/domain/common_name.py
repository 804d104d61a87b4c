"""The common name of a certificate, whose first part is a default MyKey ID."""

import re
from typing import NamedTuple

COMMON_NAME = re.compile("([0-9A-Z]{14})([0-9A-Z]{9})")


class CommonName(NamedTuple):
    """Both parts of a certificate's common name; they are unique only together."""

    random_string: str
    terminal_code: str


def parse_common_name(common_name: str) -> CommonName:
    """Split ランダム文字列 (14 characters) from 受付端末識別記号 (9), whose inner structure nobody has published.

    Raises ValueError for anything else than 14 + 9 characters of 0-9 and A-Z.
    """
    if not (parts := COMMON_NAME.fullmatch(common_name)):
        raise ValueError("a common name is 14 + 9 characters of 0-9 and A-Z")
    return CommonName(*parts.groups())
