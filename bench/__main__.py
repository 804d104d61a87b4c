"""`python -m bench`: every figure beside its floor, in one run."""

import sys

from bench import (
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


def main() -> None:
    """Run all measurements, or those named on the command line."""
    rooms = {
        "apdus": apdus,
        "verification": verification,
        "startup": startup,
        "journey": journey,
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
    for name in sys.argv[1:] or rooms:
        for words, figure in rooms[name].run():
            print(f"{figure:12,.3f}  {words}", flush=True)


if __name__ == "__main__":
    main()
