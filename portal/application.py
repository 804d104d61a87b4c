"""The portal as one Flask application: every service, page and call, wired."""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request
from flask_babel import format_decimal

from portal import startup_checks
from portal.config import THREADS, Settings
from portal.container import Services
from portal.domain.formats.typed_code import grouped
from portal.domain.rewriting import Rewriting
from portal.extensions import babel, csrf, db
from portal.pki.trust import TrustAnchors
from portal.routes.card import bridge_api, bridge_downloads, card_sessions, certificate_viewer, time_left
from portal.routes.citizen import (
    about,
    audit_check,
    help_pages,
    my_page,
    registration,
    renewal,
    signed_actions,
    slip,
    start,
    stop,
)
from portal.routes.counter import correspondence_files, staff_reviews, visits
from portal.routes.operation import day as glance
from portal.routes.operation import (
    field_checks,
    first_steps,
    health,
    metrics,
    operator_looks,
    providers,
    staff,
    staff_list,
    terminals,
)
from portal.routes.providers import link_import, management_table, reception, reception_tablet, terminal_api
from portal.services.record.secrecy import KEY_FILE, Secrecy, read_or_make_key
from portal.transactions import READ_ONLY, Clock
from portal.web.api import openapi
from portal.web.browser_session import ServerSessions
from portal.web.easy_japanese import day, moment, time_of_day
from portal.web.errors import register_errors
from portal.web.language import chosen_language, find_words_once
from portal.web.qr import qr
from portal.web.request_hooks import register_hooks
from portal.web.time_left import time_of_card, time_of_sign_in

_log = logging.getLogger(__name__)
AT_HOME = (
    start,
    card_sessions,
    bridge_downloads,
    time_left,
    registration,
    slip,
    certificate_viewer,
    renewal,
    my_page,
    signed_actions,
    stop,
    audit_check,
    about,
    help_pages,
)
AT_WORK = (staff, visits, staff_reviews, correspondence_files)
OPERATED = (glance, first_steps, providers, terminals, field_checks, staff_list, operator_looks)
AT_PROVIDERS = (reception, reception_tablet, terminal_api, management_table, link_import)
FILTERS = {
    "day": day,
    "time_of_day": time_of_day,
    "moment": moment,
    "number": format_decimal,
    "grouped": grouped,
}


class Portal(Flask):
    """Flask, but that its log tells the view, for anybody may type an address, and that no function of it is async."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Spare each request the look at a dozen functions whether they are."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Write what no view raised, such as a session that could not be kept."""
        _log.error("unexpected at %s", request.endpoint, exc_info=exc_info)


def create_app(
    settings: Settings,
    *,
    demo_reader: str | None = None,
    rewriting: Rewriting | None = None,
    clock: Clock = lambda: datetime.now(UTC),
    token_bytes: Callable[[int], bytes] = os.urandom,
) -> Flask:
    """Wire a portal. It is one in production unless it is given the address of a demo's reader page.

    `rewriting` is a demo's authority, which rewrites virtual cards; a portal in production has none.

    Raises NotConfiguredError with what to do where a portal in production would be unsafe.
    """
    anchors = TrustAnchors(settings.instance.absolute() / "trust", production=demo_reader is None)
    if demo_reader is None:
        startup_checks.refuse_unsafe(settings, anchors, rewriting)
    secrecy = Secrecy(read_or_make_key(settings.instance / KEY_FILE), token_bytes)
    services = Services(db.session, clock, settings, anchors, secrecy, rewriting, demo_reader)
    app = Portal("portal", instance_path=str(settings.instance.absolute()))
    app.config.update(
        SECRET_KEY=secrecy.hash("flask", "csrf"),
        SERVER_NAME=settings.host,  # the page that refuses a host which is no name has links too
        SQLALCHEMY_DATABASE_URI=settings.database,
        # a database that was restarted is no error; what a statement carries is nothing for a log
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": THREADS,
            "pool_pre_ping": not settings.database.startswith("sqlite"),  # a file does not hang up
            "hide_parameters": True,
            "execution_options": {READ_ONLY: services.read_only},
        },
        PROVIDE_AUTOMATIC_OPTIONS=False,  # nobody asks but a page of another site, which may not call anyway
        WTF_CSRF_SSL_STRICT=False,  # request_hooks checks the origin of each POST, under http too
        BABEL_DEFAULT_LOCALE="ja",
        BABEL_DEFAULT_TIMEZONE="Asia/Tokyo",
    )
    app.session_interface = sessions = ServerSessions(secrecy, clock, secure=settings.secure)
    register_hooks(app, sessions.load)  # before the CSRF check, which has no words for another host or site
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=chosen_language)
    find_words_once(app)
    app.extensions["mykey"] = services
    for family in (*AT_HOME, *AT_WORK, *OPERATED, *AT_PROVIDERS, bridge_api, openapi, health, metrics):
        app.register_blueprint(family.bp)
    for name, text_filter in FILTERS.items():
        app.add_template_filter(text_filter, name)
    times = {"time_of_card": time_of_card, "time_of_sign_in": time_of_sign_in}
    app.jinja_env.globals.update(times, revocation_source=settings.revocation == "crl", qr=qr)
    register_errors(app)
    return app
