"""Send webhook messages while the portal runs: as soon as a look-up is committed, and again when one is due.

Once a minute, what was refused is counted (portal/refusal_counts.py), and what was kept for its time is deleted
(portal/services/operation/retention.py).
"""

import logging
from datetime import timedelta
from threading import BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from portal.domain.codes import Code
from portal.extensions import db
from portal.services.providers.webhooks import ENQUEUED, Due

if TYPE_CHECKING:
    from portal.container import Services

POLL = 1.0
"""Seconds between two polls for messages that are due; other processes enqueue too."""
SENDERS = 4
"""Providers served concurrently; the messages of one provider go in order."""
FORGET_EVERY = timedelta(minutes=1)
_log = logging.getLogger("portal.webhook")


class Worker:
    """Threads of `mykey serve`. Several processes may each have them: a message is in one's hands at a time."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        services: Services = app.extensions["mykey"]
        self._webhooks, self._retention, self._day = services.webhooks, services.retention, services.day
        self._clock = services.clock
        self._forgets_at = self._clock()
        self._busy: set[str] = set()
        self._free = BoundedSemaphore(SENDERS)
        self._woken, self._ended = Event(), Event()
        self._thread = Thread(target=self._run, name="webhook", daemon=True)

    def start(self) -> None:
        """Send from now on."""
        event.listen(db.session, "after_transaction_end", self._wake)
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more, and wait for what is on its way."""
        event.remove(db.session, "after_transaction_end", self._wake)
        self._ended.set()
        self._woken.set()
        self._thread.join()
        for _ in range(SENDERS):
            self._free.acquire()
        try:
            with self._app.app_context():
                self._day.write_refusals()
        except Exception:  # noqa: BLE001 - the database may be what ended it
            _log.exception("How often was refused what in the last minute could not be written.")

    def _wake(self, session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None and session.info.pop(ENQUEUED, None):
            self._woken.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._woken.clear()
            try:
                with self._app.app_context():
                    self._send_all()
            except Exception as error:  # noqa: BLE001 - a database that was away comes back
                if getattr(error, "code", None) is Code.READ_ONLY:
                    _log.debug("Nothing is sent or deleted while the database moves.")
                else:
                    _log.exception("Webhook messages cannot be read; trying again.")
            self._woken.wait(POLL)

    def _send_all(self) -> None:
        """Give each message that is due to a thread of its own, until none is due that could go now."""
        while not self._ended.is_set():
            self._free.acquire()
            try:
                due = self._webhooks.claim(self._busy.copy())
            except BaseException:
                self._free.release()
                raise
            if due is None:
                self._free.release()
                break
            self._busy.add(due.service_provider_id)
            Thread(target=self._send, args=(due,), name="webhook-post", daemon=True).start()
        if self._clock() >= self._forgets_at:
            self._forgets_at = self._clock() + FORGET_EVERY
            self._day.write_refusals()
            self._retention.forget()

    def _send(self, due: Due) -> None:
        try:
            with self._app.app_context():
                self._webhooks.send(due)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("How %s went could not be written; it is sent again.", due.message_id)
        finally:
            self._busy.discard(due.service_provider_id)
            self._free.release()
            self._woken.set()
