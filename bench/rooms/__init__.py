"""What is measured: a room's docstring says it, its `run` returns the figures."""

from bench.rooms import (
    apdus,
    audit,
    bulk,
    journey,
    lookups,
    memory,
    people,
    polls,
    reservation,
    sizes,
    startup,
    tap,
    verification,
    workers,
)
from bench.setting import registration

ROOMS = {
    "apdus": apdus,
    "verification": verification,
    "startup": startup,
    "journey": journey,
    "registration": registration,
    "reservation": reservation,
    "audit": audit,
    "lookups": lookups,
    "workers": workers,
    "polls": polls,
    "people": people,
    "sizes": sizes,
    "bulk": bulk,
    "tap": tap,
    "memory": memory,
}
