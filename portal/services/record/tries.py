"""Tries of what nobody may guess: counted before anything is checked, and in the database, for every process."""

from datetime import datetime, timedelta

from sqlalchemy import case, or_, update

from portal.domain.errors import PortalError
from portal.domain.limits import Limit
from portal.models import TryCount
from portal.services.record.inserting import insert_of
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service


class Tries(Service):
    """What `portal/web/access.py` counts: in a transaction of its own, or in the act around it."""

    secrecy: Secrecy

    def take(self, limit: Limit, *who: str) -> datetime:
        """Take a place for each of those who try, or none; return when. Raises PortalError with the limit's refusal."""
        now, buckets = self.clock(), self._buckets(limit, who)
        ends_at = now + timedelta(seconds=limit.seconds)
        insert = insert_of(self.database.connection().dialect.name)(TryCount)
        over = TryCount.ends_at <= now
        taken = (
            insert.values([{"bucket": bucket, "times": 1, "ends_at": ends_at} for bucket in buckets])
            .on_conflict_do_update(
                index_elements=[TryCount.bucket],
                set_={
                    "times": case((over, 1), else_=TryCount.times + 1),
                    "ends_at": case((over, ends_at), else_=TryCount.ends_at),
                },
                where=or_(over, TryCount.times < limit.times),
            )
            .returning(TryCount.bucket)
        )
        if len(self.database.execute(taken).all()) < len(buckets):
            raise PortalError(limit.refusal)
        return now

    def give_back(self, taken_at: datetime, limit: Limit, *who: str) -> None:
        """Give back the places that were taken then: what was tried was right. A window begun since has none."""
        mine = TryCount.bucket.in_(self._buckets(limit, who))
        of_then = TryCount.ends_at <= taken_at + timedelta(seconds=limit.seconds)
        self.database.execute(update(TryCount).where(mine, of_then).values(times=TryCount.times - 1))

    def _buckets(self, limit: Limit, who: tuple[str, ...]) -> list[str]:
        """Name the buckets in one order, so that two who take the same ones never wait for each other."""
        return sorted({self.secrecy.hash("tries", f"{limit.what}:{each}") for each in who})
