"""Tables. The schema rules are those of docs/decisions/08-keys-for-a-sharded-store.md."""

from portal.models.audit import AuditEntry, AuditHead
from portal.models.base import Base
from portal.models.browser_session import BrowserSession
from portal.models.card_session import CardSession
from portal.models.continuity import CarryOverCode, CorrespondenceFile, CorrespondenceLine, Move
from portal.models.counter import Review, Visit
from portal.models.person import Certificate, MyKeyIdRecord, Person, Reservation, StopCode, TakenString
from portal.models.service import DailyFigure, IdUse, LinkFile, PendingLink, ServiceLink, ServiceProvider
from portal.models.staff import Passkey, Staff, StaffLink
from portal.models.terminal import ReceptionState, Terminal, WebhookMessage
from portal.models.try_count import TryCount
