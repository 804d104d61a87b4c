"""Every service, made when it is first asked for, of what its fields name."""

from dataclasses import fields
from datetime import timedelta
from typing import Any

from portal.config import Settings
from portal.domain.limits import Limit
from portal.domain.rewriting import Rewriting
from portal.downloads import Downloads
from portal.gateways.webhook import WebhookGateway
from portal.group_commit import Batches
from portal.limiter import Limiter, Turns
from portal.pki.revocation.crl_folder import CrlFolder
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier
from portal.read_only import ReadOnly
from portal.refusal_counts import Refusals
from portal.services.card.bridge_calls import BridgeCalls
from portal.services.card.card_sessions import CardSessions
from portal.services.card.certificate_viewer import CertificateViewer
from portal.services.citizen.carry_over import CarryOver
from portal.services.citizen.my_page import MyPage
from portal.services.citizen.provisional_registration import ProvisionalRegistration
from portal.services.citizen.registration import Registration
from portal.services.citizen.renewal import Renewal
from portal.services.citizen.sessions import CitizenSessions
from portal.services.citizen.stop_codes import StopCodes
from portal.services.counter.completion import Completion
from portal.services.counter.correspondence_files import CorrespondenceFiles
from portal.services.counter.staff_reviews import StaffReviews
from portal.services.counter.visits import Visits
from portal.services.operation.day import Day
from portal.services.operation.first_steps import FirstSteps
from portal.services.operation.management_table import OperatorTable
from portal.services.operation.passkeys import Passkeys
from portal.services.operation.providers import Providers
from portal.services.operation.retention import Retention
from portal.services.operation.staff import StaffList
from portal.services.operation.terminals import Terminals
from portal.services.operation.webhook_messages import WebhookMessages
from portal.services.providers.enrolment import Enrolment
from portal.services.providers.link_files import LinkFiles
from portal.services.providers.link_import import LinkImport
from portal.services.providers.links import Links
from portal.services.providers.management_table import ManagementTable
from portal.services.providers.reception import Reception
from portal.services.providers.tapped_cards import TappedCards
from portal.services.providers.terminal_lookups import Asked, Found, Lookups
from portal.services.providers.webhooks import Webhooks
from portal.services.record.audit import Audit
from portal.services.record.before_move import BeforeMove
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.continuity import Continuity
from portal.services.record.figures import Figures
from portal.services.record.people import People
from portal.services.record.review_queue import ReviewQueue
from portal.services.record.secrecy import Secrecy
from portal.services.record.service_links import ServiceLinks
from portal.services.record.service_providers import ServiceProviders
from portal.services.record.signed_actions import SignedActions
from portal.services.record.tries import Tries
from portal.services.record.uses import Uses
from portal.transactions import Clock, Database, Glances


class Services:
    """What routes, commands and the worker reach; a further service is one line here.

    A service is a dataclass, and each of its fields is filled with what has the same name here.
    """

    # record: what all wings write
    audit: Audit
    people: People
    review_queue: ReviewQueue
    signed_actions: SignedActions
    before_move: BeforeMove
    continuity: Continuity
    changes: CardSessionChanges
    figures: Figures
    uses: Uses
    service_providers: ServiceProviders
    service_links: ServiceLinks
    tries: Tries
    # card
    card_sessions: CardSessions
    bridge_calls: BridgeCalls
    certificate_viewer: CertificateViewer
    # citizen
    registration: Registration
    provisional_registration: ProvisionalRegistration
    carry_over: CarryOver
    renewal: Renewal
    stop_codes: StopCodes
    my_page: MyPage
    sessions: CitizenSessions
    # counter
    visits: Visits
    completion: Completion
    staff_reviews: StaffReviews
    correspondence_files: CorrespondenceFiles
    # providers
    tapped_cards: TappedCards
    links: Links
    lookups: Lookups
    enrolment: Enrolment
    webhooks: Webhooks
    reception: Reception
    link_import: LinkImport
    link_files: LinkFiles
    management_table: ManagementTable
    # operation
    providers: Providers
    terminals: Terminals
    webhook_messages: WebhookMessages
    operator_table: OperatorTable
    staff: StaffList
    passkeys: Passkeys
    retention: Retention
    day: Day
    first_steps: FirstSteps

    def __init__(  # noqa: PLR0913, PLR0917 - what a portal is given
        self,
        database: Database,
        clock: Clock,
        settings: Settings,
        anchors: TrustAnchors,
        secrecy: Secrecy,
        rewriting: Rewriting | None,
        demo_reader: str | None,
    ) -> None:
        self.database, self.clock, self.settings = database, clock, settings
        self.anchors, self.secrecy, self.rewriting, self.demo_reader = anchors, secrecy, rewriting, demo_reader
        self.glances = Glances(database)
        self.origin, self.bridge_minimum = settings.origin, settings.bridge_minimum
        self.token_bytes = secrecy.token_bytes
        self.offers_pairing_codes = settings.pairing
        self.reservation_period = timedelta(days=settings.reservation_days)
        self.uses_kept_for = timedelta(days=settings.uses_days)
        self.post_webhook = WebhookGateway(loopback=demo_reader is not None).post
        self.limiter, self.turns, self.downloads = Limiter(), Turns(), Downloads(settings.downloads)
        self.terminal_calls = Limit("terminal-calls", settings.terminal_calls)
        self.good_tokens: set[str] = set()  # hashes of those of terminals that were good when they came last
        self.lookups_at_once = Batches[Asked, Found | None]()
        self.refusals = Refusals()
        self.crl_folder = source = CrlFolder(settings.crl_folder) if settings.revocation == "crl" else None
        self.read_only = ReadOnly(settings.instance, settings.database)
        self.verifier = Verifier(anchors, origin=settings.origin, policy_oid=settings.policy_oid, revocation=source)

    def __getattr__(self, name: str) -> Any:
        """Make the service of this name, and keep it."""
        # Python calls this only for what is not set yet, so setattr below makes it a cache. A field that names its own
        # service would recurse without end; the layers that test_floors.py enforces leave no such cycle.
        try:
            kind = self.__annotations__[name]
        except KeyError:
            raise AttributeError(name) from None
        made = kind(**{each.name: getattr(self, each.name) for each in fields(kind)})
        setattr(self, name, made)
        return made
