"""Tables. The schema rules are those of docs/architecture.md, "The store"."""

from portal.models.base import Base
from portal.models.browser_session import BrowserSession
from portal.models.card_session import CardSession
from portal.models.person import Certificate, MyKeyIdRecord, Person
from portal.models.staff import Passkey, Staff, StaffLink

__all__ = [
    "Base",
    "BrowserSession",
    "CardSession",
    "Certificate",
    "MyKeyIdRecord",
    "Passkey",
    "Person",
    "Staff",
    "StaffLink",
]
