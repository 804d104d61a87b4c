"""The portal: a citizen turns a certificate into a MyKey ID here."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask_babel import format_date
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import safety
from portal.config import Settings
from portal.extensions import babel, csrf, db
from portal.pki.revocation import NoRevocationSource
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier
from portal.routes import account, bridge_api, card_sessions, health, registration, staff, start
from portal.routes.access import Rooms, new_limiter
from portal.routes.browser_session import ServerSessions
from portal.routes.errors import register_errors
from portal.routes.every_request import register_hooks
from portal.services.bridge_calls import BridgeCalls
from portal.services.card_session_changes import CardSessionChanges
from portal.services.card_sessions import CardSessions
from portal.services.passkeys import Passkeys
from portal.services.registration import Registration
from portal.services.secrecy import Secrecy, read_or_make_key
from portal.services.staff import StaffList


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    demo_reader: str | None = None,
    clock: Callable[[], datetime] = _now,
    token_bytes: Callable[[int], bytes] = os.urandom,
) -> Flask:
    """Wire a portal. It is one in production unless it is given the address of a demo's reader page.

    Raises NotConfiguredError with what to do where a portal in production would be unsafe.
    """
    anchors = TrustAnchors(settings.instance.absolute() / "trust", production=demo_reader is None)
    if demo_reader is None:
        safety.refuse_unsafe(settings, anchors)
    secrecy = Secrecy(read_or_make_key(settings.instance / "secret.key"), token_bytes)
    app = Flask(__name__, instance_path=str(settings.instance.absolute()))
    app.config.update(
        SECRET_KEY=secrecy.hash("flask", "csrf"),
        SQLALCHEMY_DATABASE_URI=settings.database,
        # a database that was restarted is no error; what a statement carries is nothing for a log
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "hide_parameters": True},
        WTF_CSRF_SSL_STRICT=False,  # every_request checks the origin of each POST, under http too
        BABEL_DEFAULT_LOCALE="ja",
        BABEL_DEFAULT_TIMEZONE="Asia/Tokyo",
    )
    app.session_interface = sessions = ServerSessions(secrecy, clock, secure=settings.secure)
    register_hooks(app, sessions.load)  # before the CSRF check, which has no words for another host or site
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=start.chosen_language)
    app.extensions["mykey"] = _rooms(settings, anchors, secrecy, clock, demo_reader)
    for family in (start, card_sessions, registration, account, staff, bridge_api, health):
        app.register_blueprint(family.bp)
    app.add_template_filter(format_date, "day")
    register_errors(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]
    return app


def _rooms(
    settings: Settings, anchors: TrustAnchors, secrecy: Secrecy, clock: Callable[[], datetime], demo_reader: str | None
) -> Rooms:
    """Give each service what it stands on."""
    revocation = NoRevocationSource()
    verifier = Verifier(anchors, origin=settings.origin, policy_oid=settings.policy_oid, revocation=revocation)
    changes = CardSessionChanges(db.session, clock)
    return Rooms(
        settings=settings,
        clock=clock,
        card_sessions=CardSessions(changes, secrecy, pairing=settings.pairing),
        bridge_calls=BridgeCalls(changes, secrecy, verifier),
        registration=Registration(db.session, verifier, clock),
        staff=StaffList(db.session, secrecy, clock),
        passkeys=Passkeys(db.session, secrecy, clock, settings.origin),
        anchors=anchors,
        limiter=new_limiter(),
        demo_reader=demo_reader,
    )
