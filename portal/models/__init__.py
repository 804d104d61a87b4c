"""Tables. The schema rules are those of docs/architecture.md, "The store"."""

from portal.models.audit import AuditEntry, AuditHead
from portal.models.base import Base
from portal.models.browser_session import BrowserSession
from portal.models.card_session import CardSession
from portal.models.continuity import CarryOverCode, CorrespondenceFile, CorrespondenceLine, Move
from portal.models.counter import Review, Visit
from portal.models.person import Certificate, MyKeyIdRecord, Person, Reservation, StopCode, TakenString
from portal.models.service import IdUse, ServiceLink, ServiceProvider
from portal.models.staff import Passkey, Staff, StaffLink

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Base",
    "BrowserSession",
    "CardSession",
    "CarryOverCode",
    "Certificate",
    "CorrespondenceFile",
    "CorrespondenceLine",
    "IdUse",
    "Move",
    "MyKeyIdRecord",
    "Passkey",
    "Person",
    "Reservation",
    "Review",
    "ServiceLink",
    "ServiceProvider",
    "Staff",
    "StaffLink",
    "StopCode",
    "TakenString",
    "Visit",
]
