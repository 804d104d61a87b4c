"""Uses of an ID and their count, as plain statements made once: every tap runs them."""

from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from portal.models import IdUse, MonthlyFigure

AT_ONCE = 100
"""So many uses out of time are deleted by one act, which adds one."""
_USES, _FIGURES = cast("Table", IdUse.__table__), cast("Table", MonthlyFigure.__table__)


def _forget() -> Any:
    over = select(_USES.c.use_id).where(_USES.c.used_at < bindparam("before")).limit(AT_ONCE)
    over = over.with_for_update(skip_locked=True)  # what a join holds, or another tap deletes, is left to others
    return delete(_USES).where(_USES.c.use_id.in_(over))


def _count(insert: Any) -> Any:
    counted = insert(_FIGURES)
    more = {"times": _FIGURES.c.times + counted.excluded.times}
    return counted.on_conflict_do_update(index_elements=list(_FIGURES.primary_key), set_=more)


FORGET, WRITE = _forget(), _USES.insert()
COUNT = {"postgresql": _count(postgresql.insert), "sqlite": _count(sqlite.insert)}
"""For each dialect, which write it alike."""
