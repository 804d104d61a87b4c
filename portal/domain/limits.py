"""How often who may try what; docs/threat-model.md has the same table, which a test compares with this one."""

from typing import NamedTuple

from portal.domain.codes import Code


class Limit(NamedTuple):
    """Allow a number of times within a number of seconds, counted from the first."""

    what: str
    times: int
    seconds: int = 60
    refusal: Code = Code.RATE_LIMITED


PAIRING_CODE = Limit("pairing-code", 10)
ENROLMENT_CODE = Limit("enrolment-code", 10)
TYPED_MYKEY_ID = Limit("typed-mykey-id", 10)
STOP_CODE = Limit("stop-code", 10)
CARRY_OVER_CODE = Limit("carry-over-code", 10, 3600, Code.CARRY_OVER_TRIES_USED_UP)
TAKEN = Limit("taken", 60)
"""Questions whether somebody has an ID, asked live or by the form."""
KEPT = (PAIRING_CODE, ENROLMENT_CODE, TYPED_MYKEY_ID, STOP_CODE, CARRY_OVER_CODE, TAKEN)
"""Those that are counted in the database; calls of a terminal are counted in the process, so that none pays a write."""
