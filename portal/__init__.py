"""The portal: a citizen turns a certificate into a MyKey ID here."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_babel import format_date, format_datetime, format_decimal, format_time
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import safety
from portal.config import THREADS, Settings
from portal.domain.formats.typed_code import grouped
from portal.domain.rewriting import DoneElsewhere, Rewriting
from portal.extensions import babel, csrf, db
from portal.gateways.webhook import HandoffGateway
from portal.pki.crl_folder import CrlFolder
from portal.pki.revocation import NoRevocationSource
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier
from portal.routes.card import bridge_api, card_sessions
from portal.routes.card import certificate_viewer as certificates
from portal.routes.citizen import audit_check, registration, renewal, slip, start, stop
from portal.routes.citizen import my_page as account
from portal.routes.citizen import signed_actions as acts
from portal.routes.counter import correspondence_files as correspondence
from portal.routes.counter import staff_reviews as reviews
from portal.routes.counter import visits as counter
from portal.routes.operation import health, operator_looks, staff
from portal.routes.operation import providers as operator
from portal.routes.operation import terminals as operator_terminals
from portal.routes.providers import link_import as bulk_import
from portal.routes.providers import management_table, reception, terminal_api
from portal.routes.providers import reception_tablet as reception_door
from portal.services.card.bridge_calls import BridgeCalls
from portal.services.card.card_sessions import CardSessions
from portal.services.card.certificate_viewer import Certificates
from portal.services.citizen.my_page import Account
from portal.services.citizen.provisional_registration import Reservations
from portal.services.citizen.registration import Registration
from portal.services.citizen.renewal import Renewal
from portal.services.citizen.stop_codes import StopCodes
from portal.services.counter.completion import Counter
from portal.services.counter.correspondence_files import Correspondence
from portal.services.counter.staff_reviews import Reviews
from portal.services.counter.visits import Visits
from portal.services.operation.management_table import WholeTable
from portal.services.operation.passkeys import Passkeys
from portal.services.operation.staff import StaffList
from portal.services.operation.webhook_messages import Outbox
from portal.services.providers.link_files import LinkFiles
from portal.services.providers.link_import import BulkImport
from portal.services.providers.management_table import ManagementTable
from portal.services.providers.providers import Providers
from portal.services.providers.reception import Desks
from portal.services.providers.service_links import ServiceLinks
from portal.services.providers.tapped_cards import TappedCards
from portal.services.providers.terminals import Terminals
from portal.services.providers.webhooks import Handoffs
from portal.services.record.audit import Audit
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.continuity import Continuity
from portal.services.record.people import People
from portal.services.record.secrecy import KEY_FILE, Secrecy, read_or_make_key
from portal.services.record.signed_actions import CardActs
from portal.services.record.uses import Uses
from portal.web import openapi
from portal.web.access import Rooms
from portal.web.browser_session import ServerSessions
from portal.web.errors import register_errors
from portal.web.language import chosen_language
from portal.web.limiter import Limiter
from portal.web.request_hooks import register_hooks

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
        WTF_CSRF_SSL_STRICT=False,  # request_hooks checks the origin of each POST, under http too
        BABEL_DEFAULT_LOCALE="ja",
        BABEL_DEFAULT_TIMEZONE="Asia/Tokyo",
    )
    app.session_interface = sessions = ServerSessions(secrecy, clock, secure=settings.secure)
    register_hooks(app, sessions.load)  # before the CSRF check, which has no words for another host or site
    db.init_app(app)
    csrf.init_app(app)
    babel.init_app(app, locale_selector=chosen_language)
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
