"""What a member of staff may do; one person may have several roles."""

from enum import StrEnum


class Role(StrEnum):
    CLERK = "clerk"
    OPERATOR = "operator"
    PROVIDER = "provider"
    """Works at one service provider, and sees its links alone."""
