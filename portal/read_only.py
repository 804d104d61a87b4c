"""While a portal moves to another database: a file in the instance folder that says which one must not change any more.

`mykey db copy` writes it before the first row. It holds digests of both addresses, so it shuts the old database for as
long as it lies there, the new one until every row is there and verified, and a third one never.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from sqlalchemy import make_url

FILE = "read-only.json"


class Move(NamedTuple):
    """From which database to which (digests of their addresses), whether all of it is there, and until when roughly."""

    source: str
    target: str
    done: bool = False
    until: datetime | None = None


@dataclass(frozen=True)
class ReadOnly:
    """Whether the acts of one portal are refused."""

    instance: Path
    database: str

    @cached_property
    def _own(self) -> str:
        return digest_of(self.database)

    @cached_property
    def _file(self) -> str:
        return str(self.instance / FILE)

    def __call__(self) -> bool:
        """Tell whether this portal's database must not change now; asked at the beginning of every act."""
        move = self.move()
        return move is not None and (move.source == self._own or (move.target == self._own and not move.done))

    def move(self) -> Move | None:
        """Return what is written down, or None."""
        if not os.access(self._file, os.F_OK):  # asked twice in each act; a file that does not open costs ten times it
            return None
        try:
            written = json.loads(Path(self._file).read_bytes())
        except FileNotFoundError:
            return None
        until = written["until"] and datetime.fromisoformat(written["until"])
        return Move(written["source"], written["target"], written["done"], until)

    def minutes(self, now: datetime) -> int:
        """Return how many minutes it will take yet, as far as that is known; 0 otherwise."""
        move = self.move()
        seconds = (move.until - now).total_seconds() if move and move.until and not move.done else 0
        return max(0, -int(-seconds // 60))

    def write(self, move: Move) -> None:
        """Write it down, in one step and for good."""
        written = move._asdict() | {"until": move.until and move.until.isoformat(timespec="seconds")}
        with NamedTemporaryFile("w", dir=self.instance, prefix=f".{FILE}-", delete=False) as draft:
            json.dump(written, draft)
            draft.flush()
            os.fsync(draft.fileno())
        Path(draft.name).rename(self._file)

    def end(self) -> None:
        """Let acts go on."""
        Path(self._file).unlink(missing_ok=True)


def digest_of(database: str) -> str:
    """Return the digest of a database's address, without its password."""
    return sha256(make_url(database).set(password=None).render_as_string().encode()).hexdigest()
