"""Looking a portal over: what would keep it from working, and what its operator should know. Nothing is changed."""

import os
import re
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from errno import EADDRINUSE
from http import HTTPStatus
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.domain.errors import CommandRefused, NotConfiguredError
from portal.domain.formats.origin import is_origin
from portal.domain.roles import Role
from portal.gateways.listener import is_portal, listening, status_at
from portal.migrations.schema_version import is_current
from portal.models import AuditEntry, AuditHead, Passkey, Staff, WebhookMessage
from portal.pki.revocation.crl_folder import CrlFolder
from portal.pki.trust import TrustAnchors
from portal.services.operation.authorities import Authorities
from portal.services.operation.database.backup import OLD, newest_backup
from portal.services.record.secrecy import KEY_BYTES, KEY_FILE
from portal.settings_file import from_file, settings_file
from portal.startup_checks import refuse_unsafe, refuse_unwritable
from portal.transactions import Database, error_name

OK, WARN, FAIL = "ok", "warn", "fail"
NOT_CHECKED = "電子証明書の有効性確認は行われていません。"
SOON = timedelta(days=90)
LIST_SOON = timedelta(days=1)
OVERDUE = timedelta(minutes=15)
CLOCK_OFF = timedelta(seconds=5)
LITTLE, TOO_LITTLE = 1024**3, 100 * 1024**2
TOO_FEW = 1000


class Finding(NamedTuple):
    """One line: what was looked at, ok, warn or fail, and what to do."""

    check: str
    status: str
    message: str


@dataclass(frozen=True)
class Examination:
    settings: Settings
    now: datetime

    def findings(self) -> Iterator[Finding]:
        """Look at one thing after the other; what does not answer keeps nothing else from being looked at."""
        yield self._start()
        yield self._settings()
        yield self._origin()
        yield self._contact()
        yield self._key()
        yield self._trust()
        yield self._revocation()
        yield self._folder()
        yield self._space()
        if self.settings.backups:
            yield self._backups(self.settings.backups)
        try:
            yield from self._database()
        except (SQLAlchemyError, ImportError) as error:
            yield Finding("database", FAIL, f"does not answer ({error_name(error)}): see MYKEY_DATABASE_URL")
        except CommandRefused as error:
            yield Finding("database", FAIL, str(error))
        yield from self._listen()  # last: a name that nobody knows takes seconds, which the clock would seem to be off

    def while_it_runs(self, connection: Connection) -> Iterator[Finding]:
        """Look at what may go wrong under a portal that runs: nothing is opened, and nobody is called."""
        yield self._contact()
        yield self._key()
        yield self._trust()
        yield self._space()
        if self.settings.backups:
            yield self._backups(self.settings.backups)
        yield from _audit(connection, self.now)

    def at_a_look(self) -> dict[str, Finding]:
        """Return what a page may ask too: it costs no call over the network, and nothing of the database."""
        place = max((self._folder(), self._space()), key=lambda each: (OK, WARN, FAIL).index(each.status))
        found = {each.check: each for each in (self._trust(), self._revocation(), self._contact())}
        return found | {"place": place}

    def _start(self) -> Finding:
        try:
            refuse_unsafe(self.settings, TrustAnchors(self.settings.instance / "trust", production=True), None)
        except NotConfiguredError as error:
            return Finding("start", FAIL, " ".join(str(error).split()))
        return Finding("start", OK, "`mykey serve` finds nothing unsafe: no demo authority, no demo parts")

    def _settings(self) -> Finding:
        """Look whether a password lies open in the file of settings."""
        file = settings_file()
        if file is None:
            return Finding("settings", OK, "come from the environment alone")
        password = re.search(r"://[^/@]*:|password=", str(from_file().get("database_url", "")))
        if password and file.stat().st_mode & stat.S_IROTH:
            return Finding("settings", WARN, f"everybody may read {file}, which has a password: chmod 640 {file}")
        return Finding("settings", OK, f"come from the environment and {file}")

    def _origin(self) -> Finding:
        sound = is_origin(self.settings.origin) and self.settings.secure
        return Finding("origin", OK if sound else FAIL, f"{self.settings.origin}{'' if sound else ' is not https'}")

    def _contact(self) -> Finding:
        """Look whether the pages tell whom to ask, and how."""
        reached = self.settings.contact.keys() & {"telephone", "mail"}
        if not (self.settings.operator and reached):
            told = "no page says whom to ask: MYKEY_OPERATOR, MYKEY_OPERATOR_TELEPHONE, MYKEY_OPERATOR_MAIL"
            return Finding("contact", WARN, told)
        return Finding("contact", OK, f"{self.settings.operator}, {' and '.join(sorted(reached))}")

    def _key(self) -> Finding:
        path = self.settings.instance / KEY_FILE
        if not path.is_file():
            return Finding("key", FAIL, f"{path} is not there: `mykey setup` makes one; a lost one is in the backup")
        state = path.stat()
        if state.st_size != KEY_BYTES:
            return Finding("key", FAIL, f"{path} is no key of {KEY_BYTES} bytes: bring it back from the backup")
        if not os.access(path, os.R_OK):
            return Finding("key", FAIL, f"{path} cannot be read by who types this")
        if state.st_mode & 0o177:
            return Finding("key", FAIL, f"others may read {path}: chmod 600")
        return Finding("key", OK, f"{path} is there, and its owner's alone")

    def _trust(self) -> Finding:
        found = Authorities(self.settings.instance / "trust", self.now).all()
        bad = [f"{one.file} ({one.state})" for one in found if one.state in {"demo", "unusable"}]
        good = [one for one in found if one.state == "good"]
        if bad or not good:
            return Finding("trust", FAIL, f"take away {', '.join(bad)}" if bad else "no authority: `mykey trust add`")
        expiring = [one.file for one in good if one.not_after and one.not_after < self.now + SOON]
        if expiring:
            return Finding("trust", WARN, f"{', '.join(expiring)} will expire within {SOON.days} days")
        return Finding("trust", OK, f"{len(good)} authorities, {len(found) - len(good)} expired")

    def _revocation(self) -> Finding:
        if self.settings.revocation != "crl":
            return Finding("revocation", WARN, NOT_CHECKED)
        found = Authorities(self.settings.instance / "trust", self.now).all()
        good = [(one.file, one.certificate) for one in found if one.certificate and one.state == "good"]
        lists, refused = CrlFolder(self.settings.crl_folder).look([each for _, each in good], self.now)
        why = "".join(f"; {file.name} is passed over: {reason}" for file, reason in sorted(refused.items()))
        if without := [name for (name, _), current in zip(good, lists, strict=True) if not current]:
            told = f"no current list by {', '.join(without)}: the certificates are refused{why}"
            return Finding("revocation", FAIL, told)
        if why:
            return Finding("revocation", WARN, why.removeprefix("; "))
        until = [max(crl.period.next_update for crl in current) for current in lists]
        if not until or min(until) < self.now + LIST_SOON:
            return Finding("revocation", WARN, "a list ends within a day: replace it")
        return Finding("revocation", OK, f"lists hold until {min(until):%Y-%m-%d %H:%M} UTC")

    def _folder(self) -> Finding:
        try:
            refuse_unwritable(self.settings)
        except CommandRefused as error:
            return Finding("folder", FAIL, str(error))
        return Finding("folder", OK, f"{', '.join(map(str, self.settings.folders))} can be written")

    def _space(self) -> Finding:
        """Look where least is free: at what is kept, or where a large body lies while it comes."""
        written = (*self.settings.folders, Path(gettempdir()), *filter(None, [self.settings.backups]))
        places = [place for place in written if place.is_dir()]
        for place in places:
            state = os.statvfs(place)
            if state.f_files and state.f_favail < TOO_FEW:  # some file systems count none
                return Finding("space", FAIL, f"{state.f_favail} more files have room at {place}")
        free, least = min((shutil.disk_usage(place).free, str(place)) for place in places)
        status = FAIL if free < TOO_LITTLE else WARN if free < LITTLE else OK
        return Finding("space", status, f"{free // 1024**2} MiB are free at {least}")

    def _backups(self, folder: Path) -> Finding:
        newest = newest_backup(folder)
        if newest is None:
            return Finding("backups", WARN, f"{folder} holds none: `mykey backup`, by a timer")
        if newest.made_at > self.now + OLD:
            return Finding(
                "backups", WARN, f"{newest.file} is dated after today: see to the clock, or rename that file"
            )
        status = OK if newest.made_at > self.now - OLD else WARN
        return Finding("backups", status, f"the newest is {newest.file}")

    def _listen(self) -> Iterator[Finding]:
        at = self.settings.listen
        try:
            with listening(at):
                yield Finding("listen", OK, f"{at} is free for `mykey serve`, which does not run")
        except CommandRefused as error:
            in_use = isinstance(error.__cause__, OSError) and error.__cause__.errno == EADDRINUSE
            if in_use and is_portal(at):
                yield Finding("listen", OK, f"a portal answers at {at}")
                yield self._proxy()
            else:
                yield Finding("listen", FAIL, str(error))

    def _proxy(self) -> Finding:
        status = status_at(self.settings.host)
        if status == HTTPStatus.MISDIRECTED_REQUEST:
            return Finding("proxy", FAIL, "does not pass `Host` on (nginx: proxy_set_header Host $http_host;)")
        if status != HTTPStatus.OK:
            return Finding("proxy", WARN, f"{self.settings.origin} answers {status or 'nothing'} to this computer")
        return Finding("proxy", OK, f"{self.settings.origin} leads to this portal")

    def _database(self) -> Iterator[Finding]:
        if not is_current(self.settings.database):
            yield Finding("database", FAIL, "is not at the newest version: `mykey db upgrade`")
            return
        engine = create_engine(self.settings.database, hide_parameters=True)
        try:
            with engine.connect().execution_options(reads=True) as connection:
                yield Finding("database", OK, f"{engine.dialect.name} answers, at the newest version")
                yield from _audit(connection, self.now)
                yield _webhooks(connection, self.now)
                yield _operators(connection)
        finally:
            engine.dispose()


def _audit(connection: Connection, now: datetime) -> Iterator[Finding]:
    """Look at the chain's end alone, and whether the clock is behind it or away from the server's."""
    number, digest = connection.execute(select(AuditHead.number, AuditHead.digest)).one()
    last = connection.execute(select(AuditEntry.digest, AuditEntry.at).where(AuditEntry.number == number)).first()
    if number and (last is None or last.digest != digest):
        yield Finding("audit", FAIL, f"entry {number} is not the chain's end: `mykey audit verify`")
    else:
        yield Finding("audit", OK, f"{number} entries; `mykey audit verify` walks them")
    times = [last.at] if last and last.at > now else []
    if connection.dialect.name == "postgresql":
        times.append(connection.execute(select(func.now())).scalar_one().astimezone(UTC))
    off = max((abs(now - time) for time in times), default=timedelta())
    if off > CLOCK_OFF:
        yield Finding(
            "clock", WARN, f"differs by {off.total_seconds():.0f} seconds from the database's last or present"
        )
    else:
        yield Finding("clock", OK, "fits the database's")


def _webhooks(connection: Connection, now: datetime) -> Finding:
    waiting = WebhookMessage.delivered_at.is_(None)
    late = connection.scalar(select(func.count()).where(waiting, WebhookMessage.due_at < now - OVERDUE))
    given_up = connection.scalar(select(func.count()).where(waiting, WebhookMessage.due_at.is_(None)))
    status = WARN if late or given_up else OK
    return Finding("webhooks", status, f"{late} messages to business systems are overdue, {given_up} were given up")


def able_operators(database: Connection | Database) -> int:
    """Count the operators who can sign in."""
    able = Staff.staff_id.in_(select(Passkey.staff_id)), Staff.suspended_at.is_(None)
    return sum(Role.OPERATOR in roles for roles in database.scalars(select(Staff.roles).where(*able)))


def _operators(connection: Connection) -> Finding:
    count = able_operators(connection)
    if not count:
        return Finding("operators", WARN, "nobody can sign in as operator: `mykey setup`, or `mykey staff link`")
    return Finding("operators", OK, f"{count} can sign in")
