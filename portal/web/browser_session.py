"""Server-side sessions. Only a page that writes into its session gets a cookie."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask, Request, Response, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, insert, update
from werkzeug.datastructures import CallbackDict

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.session_lifetime import IDLE
from portal.extensions import db
from portal.models import BrowserSession
from portal.services.record.secrecy import Secrecy
from portal.transactions import in_one_act, reading

RENEWED = timedelta(minutes=5)
"""A session in use is prolonged at most this often; a page that only polls does not use it."""

WITHOUT_SESSION = re.compile(
    r"/(static/|bridge/|api/|reception/state|card-sessions/[^/]+/state|healthz|readyz|favicon)"
)
"""What has none, and a poll of the waiting page until there is something to show."""


class ServerSession(CallbackDict[str, Any], SessionMixin):
    """The data of one browser, under a key that only its cookie holds."""

    key: str | None = None
    old_key: str | None = None
    key_hash: str | None = None
    expires_at: datetime | None = None

    def __init__(self) -> None:
        super().__init__(None, ServerSession.touch)
        self.modified = False

    def fill(self, key: str, row: BrowserSession, *, due: bool) -> None:
        """Take over what the row holds; `due` writes it again, to prolong it."""
        self.update(row.data)
        self.key = self.old_key = key
        self.key_hash, self.expires_at = row.key_hash, row.expires_at
        self.modified = due

    def touch(self) -> None:
        self.modified = True

    def lasts_until(self, now: datetime) -> datetime:
        """Say when it ends if it is not used any more; what was changed is about to be written, which prolongs it."""
        return now + IDLE if self.modified or self.expires_at is None else self.expires_at

    def rotate(self) -> None:
        """Begin again under a new key, with nothing of what was there."""
        self.key = None
        self.clear()


def server_session() -> ServerSession:
    """Return the session of this request as what it is."""
    current = session._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    assert isinstance(current, ServerSession)
    return current


class ServerSessions(SessionInterface):
    def __init__(self, secrecy: Secrecy, clock: Callable[[], datetime], *, secure: bool) -> None:
        self.secrecy, self.clock, self.secure = secrecy, clock, secure
        self.cookie = "__Host-mykey" if secure else "mykey"

    def open_session(self, app: Flask, request: Request) -> ServerSession:  # noqa: ARG002
        """Begin without the database, whose failure would have no page here."""
        return ServerSession()

    def load(self, *, shows: bool = False) -> None:
        """Fill the session of this request from its row; the first hook that needs the database."""
        if WITHOUT_SESSION.match(request.path) and not shows:
            return
        key = request.cookies.get(self.cookie)
        if key is None:
            return
        with reading(db.session):
            row = db.session.get(BrowserSession, self._hash(key))
        if row and row.expires_at > self.clock():
            polls = request.method == "GET" and "HX-Request" in request.headers
            server_session().fill(key, row, due=not polls and row.expires_at < self.clock() + IDLE - RENEWED)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Write what changed, in a transaction of its own after that of the view."""
        assert isinstance(session, ServerSession)
        if session:
            response.vary.add("Cookie")
        if not session.modified or not (session or session.old_key):
            return
        session.modified = False  # no second try on the way out with the news that the first one failed
        try:
            in_one_act(db.session, lambda: self._write(session, response))
        except PortalError as error:
            if error.code is not Code.READ_ONLY or (session and request.method == "POST"):
                raise
            if not session:  # the row lives on for half an hour, but nobody has its key
                self._forget(response)

    def _write(self, session: ServerSession, response: Response) -> None:
        key, now = session.key or self.secrecy.token(), self.clock()
        if session.old_key and session.old_key != session.key:
            db.session.execute(delete(BrowserSession).where(BrowserSession.key_hash == self._hash(session.old_key)))
        if session:
            person_id = UUID(session["person_id"]) if "person_id" in session else None
            values = {"person_id": person_id, "data": dict(session), "expires_at": now + IDLE}
            if session.key is None:
                db.session.execute(delete(BrowserSession).where(BrowserSession.expires_at < now))
                db.session.execute(insert(BrowserSession).values(key_hash=self._hash(key), **values))
                self.set_cookie(response, self.cookie, key)
            else:  # an UPDATE brings back no row that a rotation has just deleted
                db.session.execute(
                    update(BrowserSession).where(BrowserSession.key_hash == self._hash(key)).values(values)
                )
        else:
            self._forget(response)

    def _forget(self, response: Response) -> None:
        response.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="Lax")

    def set_cookie(
        self, response: Response, name: str, value: str, *, max_age: timedelta | None = None, samesite: str = "Lax"
    ) -> None:
        """Set a cookie that no script reads; without an age it dies with the browser."""
        response.set_cookie(name, value, max_age, secure=self.secure, httponly=True, samesite=samesite)

    def _hash(self, key: str) -> str:
        return self.secrecy.hash("browser-session", key)
