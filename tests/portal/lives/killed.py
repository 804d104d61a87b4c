"""A process that does one act and is killed with SIGKILL right before its n-th word to the database, or right after."""

import multiprocessing
import os
import signal
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, event

from portal import create_app
from portal.config import Settings
from portal.domain.reason import Reason

NOBODY = 10**6
"""So late that nobody is killed."""
ACTS = {
    "register": lambda services, session: services.registration.register(UUID(session)),
    "reserve": lambda services, session, typed: services.provisional_registration.reserve(UUID(session), typed),
    "complete": lambda services, visit, clerk, serial_number: services.completion.complete(
        visit, UUID(clerk), Reason("本人確認済み"), serial_number=serial_number
    ),
    "renew": lambda services, session, code: services.renewal.by_code(UUID(session), code),
    "link": lambda services, session: services.my_page.link(UUID(session)),
    "cancel": lambda services, session: services.my_page.cancel_registration(UUID(session)),
    "cancel-reservation": lambda services, session: services.provisional_registration.cancel_by_card(UUID(session)),
}


def processes():
    """Return where such processes come from: a fresh server that has everything imported and nothing opened."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def act(database, instance, now, name, arguments, killed_before, said):
    """Do the act, killed before that word (statement or COMMIT; the last place is after all), and then say so."""
    settings = Settings(origin="https://id.example.jp", instance=Path(instance), database_url=database)
    app = create_app(settings, demo_reader="http://127.0.0.1:1/", clock=lambda: now)
    words = []

    def word(*_):
        if len(words) == killed_before:
            os.kill(os.getpid(), signal.SIGKILL)
        words.append(1)

    event.listen(Engine, "before_cursor_execute", word)
    event.listen(Engine, "commit", word)
    with app.app_context():
        ACTS[name](app.extensions["mykey"], *arguments)
        word()
    said.send(len(words))
