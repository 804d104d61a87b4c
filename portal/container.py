"""Every service, wired to what it stands on, and made when it is first asked for."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from portal.config import Settings
from portal.domain.rewriting import Rewriting
from portal.gateways.webhook import WebhookGateway
from portal.limiter import Limiter
from portal.pki.crl_folder import CrlFolder
from portal.pki.revocation import NoRevocationSource
from portal.pki.trust import TrustAnchors
from portal.pki.verifier import Verifier
from portal.services.card.bridge_calls import BridgeCalls
from portal.services.card.card_sessions import CardSessions
from portal.services.card.certificate_viewer import CertificateViewer
from portal.services.citizen.carry_over import CarryOver
from portal.services.citizen.my_page import MyPage
from portal.services.citizen.provisional_registration import ProvisionalRegistration
from portal.services.citizen.registration import Registration
from portal.services.citizen.renewal import Renewal
from portal.services.citizen.sign_in import SignIn
from portal.services.citizen.stop_codes import StopCodes
from portal.services.counter.completion import Completion
from portal.services.counter.correspondence_files import CorrespondenceFiles
from portal.services.counter.second_clerk import SecondClerk
from portal.services.counter.staff_reviews import StaffReviews
from portal.services.counter.visits import Visits
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
from portal.services.providers.webhooks import Webhooks
from portal.services.record.audit import Audit
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.continuity import Continuity
from portal.services.record.people import People
from portal.services.record.review_queue import ReviewQueue
from portal.services.record.secrecy import Secrecy
from portal.services.record.service_links import ServiceLinks
from portal.services.record.service_providers import ServiceProviders
from portal.services.record.signed_actions import SignedActions
from portal.services.record.uses import Uses
from portal.transactions import Clock, Database, Service


@dataclass(frozen=True)
class Services(Service):
    """What routes, commands and the worker reach; a further service is one property here."""

    settings: Settings
    anchors: TrustAnchors
    secrecy: Secrecy
    rewriting: Rewriting
    demo_reader: str | None
    limiter: Limiter = field(default_factory=Limiter)

    @cached_property
    def _given(self) -> tuple[Database, Clock]:
        return self.database, self.clock

    # What the wings stand on

    @cached_property
    def verifier(self) -> Verifier:
        source = CrlFolder(self.settings.crl_folder) if self.settings.revocation == "crl" else NoRevocationSource()
        settings = self.settings
        return Verifier(self.anchors, origin=settings.origin, policy_oid=settings.policy_oid, revocation=source)

    @cached_property
    def audit(self) -> Audit:
        return Audit(*self._given, self.secrecy.token_bytes)

    @cached_property
    def people(self) -> People:
        return People(*self._given)

    @cached_property
    def review_queue(self) -> ReviewQueue:
        return ReviewQueue(*self._given, self.audit)

    @cached_property
    def signed_actions(self) -> SignedActions:
        return SignedActions(*self._given, self.verifier, self.review_queue)

    @cached_property
    def continuity(self) -> Continuity:
        return Continuity(*self._given, self.people, self.audit)

    @cached_property
    def card_session_changes(self) -> CardSessionChanges:
        return CardSessionChanges(*self._given)

    @cached_property
    def uses(self) -> Uses:
        return Uses(*self._given, self.audit)

    @cached_property
    def service_providers(self) -> ServiceProviders:
        return ServiceProviders(*self._given)

    @cached_property
    def service_links(self) -> ServiceLinks:
        return ServiceLinks(*self._given, self.people, self.service_providers, self.uses)

    # Card

    @cached_property
    def card_sessions(self) -> CardSessions:
        return CardSessions(*self._given, self.card_session_changes, self.secrecy, self.settings.pairing)

    @cached_property
    def bridge_calls(self) -> BridgeCalls:
        return BridgeCalls(*self._given, self.card_session_changes, self.secrecy, self.verifier)

    @cached_property
    def certificate_viewer(self) -> CertificateViewer:
        return CertificateViewer(*self._given, self.verifier)

    # Citizen

    @cached_property
    def sign_in(self) -> SignIn:
        return SignIn(*self._given, self.signed_actions, self.people)

    @cached_property
    def registration(self) -> Registration:
        return Registration(*self._given, self.signed_actions, self.people, self.stop_codes, self.audit)

    @cached_property
    def provisional_registration(self) -> ProvisionalRegistration:
        period = timedelta(days=self.settings.reservation_days)
        return ProvisionalRegistration(
            *self._given, self.signed_actions, self.people, self.stop_codes, self.audit, self.secrecy, period
        )

    @cached_property
    def carry_over(self) -> CarryOver:
        return CarryOver(*self._given, self.signed_actions, self.people, self.secrecy, self.audit)

    @cached_property
    def renewal(self) -> Renewal:
        return Renewal(*self._given, self.signed_actions, self.people, self.continuity, self.carry_over, self.audit)

    @cached_property
    def stop_codes(self) -> StopCodes:
        return StopCodes(*self._given, self.signed_actions, self.people, self.secrecy, self.audit)

    @cached_property
    def my_page(self) -> MyPage:
        return MyPage(*self._given, self.signed_actions, self.people, self.service_links, self.audit)

    # Counter

    @cached_property
    def visits(self) -> Visits:
        return Visits(*self._given, self.people, self.secrecy)

    @cached_property
    def second_clerk(self) -> SecondClerk:
        return SecondClerk(*self._given, self.audit)

    @cached_property
    def completion(self) -> Completion:
        return Completion(
            *self._given, self.signed_actions, self.people, self.continuity, self.visits, self.second_clerk, self.audit
        )

    @cached_property
    def staff_reviews(self) -> StaffReviews:
        return StaffReviews(*self._given, self.audit)

    @cached_property
    def correspondence_files(self) -> CorrespondenceFiles:
        return CorrespondenceFiles(*self._given, self.review_queue, self.audit)

    # Providers

    @cached_property
    def tapped_cards(self) -> TappedCards:
        return TappedCards(*self._given, self.verifier)

    @cached_property
    def links(self) -> Links:
        return Links(*self._given, self.people, self.service_providers, self.service_links, self.uses, self.audit)

    @cached_property
    def enrolment(self) -> Enrolment:
        return Enrolment(*self._given, self.secrecy, self.audit)

    @cached_property
    def webhooks(self) -> Webhooks:
        gateway = WebhookGateway(loopback=self.demo_reader is not None)
        return Webhooks(*self._given, self.secrecy, self.service_providers, gateway.post)

    @cached_property
    def reception(self) -> Reception:
        return Reception(*self._given, self.tapped_cards, self.links, self.webhooks)

    @cached_property
    def link_import(self) -> LinkImport:
        return LinkImport(*self._given, self.service_providers, self.uses, self.audit)

    @cached_property
    def link_files(self) -> LinkFiles:
        return LinkFiles(*self._given, self.link_import, self.audit)

    @cached_property
    def management_table(self) -> ManagementTable:
        return ManagementTable(*self._given, self.people, self.uses)

    # Operation

    @cached_property
    def providers(self) -> Providers:
        return Providers(*self._given, self.service_providers, self.audit)

    @cached_property
    def terminals(self) -> Terminals:
        return Terminals(*self._given, self.secrecy, self.service_providers, self.audit)

    @cached_property
    def webhook_messages(self) -> WebhookMessages:
        return WebhookMessages(*self._given, self.secrecy, self.service_providers, self.audit)

    @cached_property
    def operator_table(self) -> OperatorTable:
        return OperatorTable(*self._given, self.audit)

    @cached_property
    def staff(self) -> StaffList:
        return StaffList(*self._given, self.secrecy, self.audit)

    @cached_property
    def passkeys(self) -> Passkeys:
        return Passkeys(*self._given, self.secrecy, self.audit, self.settings.origin)

    @cached_property
    def retention(self) -> Retention:
        return Retention(*self._given, timedelta(days=self.settings.uses_days))
