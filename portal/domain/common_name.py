"""The MyKey ID and the common name that a default one comes from."""

import re
from dataclasses import dataclass
from typing import NamedTuple

MYKEY_ID = re.compile("[0-9A-Z]{14}")
COMMON_NAME = re.compile("([0-9A-Z]{14})([0-9A-Z]{9})")


class MyKeyIdMalformed(ValueError):
    code = "mykey-id-malformed"


class CommonNameMalformed(ValueError):
    code = "common-name-malformed"


@dataclass(frozen=True, slots=True, order=True)
class MyKeyId:
    """Hold a well-formed MyKey ID: 14 characters of 0-9 and A-Z."""

    value: str

    def __post_init__(self) -> None:
        if not MYKEY_ID.fullmatch(self.value):
            raise MyKeyIdMalformed("a MyKey ID is 14 characters of 0-9 and A-Z")

    def __str__(self) -> str:
        return self.value


class CommonName(NamedTuple):
    """Both parts of a certificate's common name; they are unique only together."""

    random_string: str
    terminal_code: str


def parse_common_name(common_name: str) -> CommonName:
    """Split ランダム文字列 (14 characters) from 受付端末識別記号 (9), whose inner structure nobody has published."""
    if not (parts := COMMON_NAME.fullmatch(common_name)):
        raise CommonNameMalformed("a common name is 14 + 9 characters of 0-9 and A-Z")
    return CommonName(*parts.groups())
