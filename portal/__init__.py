"""The portal: a citizen turns a certificate into a MyKey ID here."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal, format_time
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import safety
from portal.config import THREADS, Settings
from portal.domain.rewriting import DoneElsewhere, Rewriting
from portal.domain.typed_code import grouped
from portal.extensions import babel, csrf, db
from portal.gateways.handoff import HandoffGateway
from portal.pki.crl_folder import CrlFolder
from portal.pki.revocation import NoRevocationSource
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier
from portal.routes import (
    account,
    acts,
    audit_check,
    bridge_api,
    bulk_import,
    card_sessions,
    certificates,
    correspondence,
    counter,
    health,
    management_table,
    openapi,
    operator,
    operator_looks,
    operator_terminals,
    reception,
    reception_door,
    registration,
    renewal,
    reviews,
    slip,
    staff,
    start,
    stop,
    terminal_api,
)
from portal.routes.access import Rooms
from portal.routes.browser_session import ServerSessions
from portal.routes.errors import register_errors
from portal.routes.every_request import register_hooks
from portal.routes.limiter import Limiter
from portal.services.account import Account
from portal.services.audit import Audit
from portal.services.bridge_calls import BridgeCalls
from portal.services.card_acts import CardActs
from portal.services.card_session_changes import CardSessionChanges
from portal.services.card_sessions import CardSessions
from portal.services.certificates import Certificates
from portal.services.continuity import Continuity
from portal.services.correspondence import Correspondence
from portal.services.counter import Counter
from portal.services.operation.outbox import Outbox
from portal.services.operation.whole_table import WholeTable
from portal.services.passkeys import Passkeys
from portal.services.people import People
from portal.services.registration import Registration
from portal.services.renewal import Renewal
from portal.services.reservation import Reservations
from portal.services.reviews import Reviews
from portal.services.secrecy import KEY_FILE, Secrecy, read_or_make_key
from portal.services.service_providers.bulk_import import BulkImport
from portal.services.service_providers.desks import Desks
from portal.services.service_providers.handoffs import Handoffs
from portal.services.service_providers.link_files import LinkFiles
from portal.services.service_providers.management_table import ManagementTable
from portal.services.service_providers.providers import Providers
from portal.services.service_providers.service_links import ServiceLinks
from portal.services.service_providers.tapped_cards import TappedCards
from portal.services.service_providers.terminals import Terminals
from portal.services.service_providers.uses import Uses
from portal.services.staff import StaffList
from portal.services.stop_codes import StopCodes
from portal.services.visits import Visits

FILTERS = {
    "day": format_date,
    "time_of_day": format_time,
    "moment": format_datetime,
    "number": format_decimal,
    "grouped": grouped,
}


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    demo_reader: str | None = None,
    rewriting: Rewriting | None = None,
    clock: Callable[[], datetime] = _now,
    token_bytes: Callable[[int], bytes] = os.urandom,
) -> Flask:
    """Wire a portal. It is one in production unless it is given the address of a demo's reader page.

    `rewriting` is a demo's authority, which rewrites virtual cards; a portal in production has none.

    Raises NotConfiguredError with what to do where a portal in production would be unsafe.
    """
    anchors = TrustAnchors(settings.instance.absolute() / "trust", production=demo_reader is None)
    if demo_reader is None:
        safety.refuse_unsafe(settings, anchors, rewriting)
    secrecy = Secrecy(read_or_make_key(settings.instance / KEY_FILE), token_bytes)
    app = Flask(__name__, instance_path=str(settings.instance.absolute()))
    app.config.update(
        SECRET_KEY=secrecy.hash("flask", "csrf"),
        SQLALCHEMY_DATABASE_URI=settings.database,
        # a database that was restarted is no error; what a statement carries is nothing for a log
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": THREADS, "pool_pre_ping": True, "hide_parameters": True},
        PROVIDE_AUTOMATIC_OPTIONS=False,  # nobody asks but a page of another site, which may not call anyway
        WTF_CSRF_SSL_STRICT=False,  # every_request checks the origin of each POST, under http too
        BABEL_DEFAULT_LOCALE="ja",
        BABEL_DEFAULT_TIMEZONE="Asia/Tokyo",
    )
    app.session_interface = sessions = ServerSessions(secrecy, clock, secure=settings.secure)
    register_hooks(app, sessions.load)  # before the CSRF check, which has no words for another host or site
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=start.chosen_language)
    app.extensions["mykey"] = _rooms(settings, anchors, secrecy, clock, demo_reader, rewriting)
    citizens = (start, card_sessions, registration, slip, certificates, renewal, account, acts, stop, audit_check)
    at_work = (staff, counter, reviews, correspondence, operator, operator_terminals, operator_looks)
    at_providers = (reception, reception_door, terminal_api, management_table, bulk_import)
    for family in (*citizens, *at_work, *at_providers, bridge_api, openapi, health):
        app.register_blueprint(family.bp)
    for name, text_filter in FILTERS.items():
        app.add_template_filter(text_filter, name)
    app.jinja_env.globals["revocation_source"] = settings.revocation == "crl"
    register_errors(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]
    return app


def _rooms(  # noqa: PLR0913, PLR0917 - what create_app was given
    settings: Settings,
    anchors: TrustAnchors,
    secrecy: Secrecy,
    clock: Callable[[], datetime],
    demo_reader: str | None,
    rewriting: Rewriting | None,
) -> Rooms:
    """Give each service what it stands on."""
    revocation = CrlFolder(settings.crl_folder) if settings.revocation == "crl" else NoRevocationSource()
    verifier = Verifier(anchors, origin=settings.origin, policy_oid=settings.policy_oid, revocation=revocation)
    changes = CardSessionChanges(db.session, clock)
    audit = Audit(db.session, clock, secrecy.token_bytes)
    people = People(db.session, clock)
    reviews = Reviews(db.session, clock, audit)
    acts = CardActs(db.session, verifier, clock, reviews)
    stop_codes = StopCodes(acts, people, secrecy, audit)
    reservations = Reservations(acts, people, stop_codes, audit, secrecy, timedelta(days=settings.reservation_days))
    continuity = Continuity(people, reservations, audit)
    visits = Visits(acts, people, secrecy)
    providers = Providers(db.session, clock, audit)
    uses = Uses(db.session, audit, clock, kept=timedelta(days=settings.uses_days))
    tapped_cards = TappedCards(db.session, verifier, clock)
    links = ServiceLinks(db.session, people, providers, uses, audit, clock)
    gateway = HandoffGateway(loopback=demo_reader is not None)
    handoffs = Handoffs(db.session, clock, secrecy, providers, gateway.post)
    imports = BulkImport(db.session, providers, uses, audit, clock)
    return Rooms(
        settings=settings,
        clock=clock,
        audit=audit,
        verifier=verifier,
        people=people,
        acts=acts,
        reviews=reviews,
        stop_codes=stop_codes,
        reservations=reservations,
        continuity=continuity,
        renewal=Renewal(acts, people, continuity, secrecy, audit),
        providers=providers,
        terminals=Terminals(db.session, clock, secrecy, providers, audit),
        tapped_cards=tapped_cards,
        service_links=links,
        management_table=ManagementTable(db.session, people, uses),
        bulk_import=imports,
        link_files=LinkFiles(db.session, clock, imports, audit),
        handoffs=handoffs,
        uses=uses,
        outbox=Outbox(db.session, clock, providers, handoffs, audit),
        whole_table=WholeTable(db.session, audit),
        desks=Desks(db.session, clock, tapped_cards, links, handoffs),
        counter=Counter(acts, people, continuity, visits, audit),
        visits=visits,
        correspondence=Correspondence(db.session, clock, reviews, audit),
        rewriting=rewriting or DoneElsewhere(),
        account=Account(acts, people, reservations, audit, links),
        card_sessions=CardSessions(changes, secrecy, pairing=settings.pairing),
        bridge_calls=BridgeCalls(changes, secrecy, verifier),
        registration=Registration(acts, people, stop_codes, audit),
        certificates=Certificates(db.session, verifier, clock),
        staff=StaffList(db.session, secrecy, clock, audit),
        passkeys=Passkeys(db.session, secrecy, clock, audit, settings.origin),
        limiter=Limiter(),
        demo_reader=demo_reader,
    )
