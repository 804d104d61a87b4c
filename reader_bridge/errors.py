"""What can go wrong in the bridge, one tree: each class has a stable code; a few stand where they are raised."""

from typing import ClassVar


class BridgeError(Exception):
    """Its text is English and for the log of --debug; `detail` is what a person is shown: a path, a date, a name."""

    code: ClassVar[str] = "internal"

    @property
    def detail(self) -> str:
        """What stands below the sentence, in no language."""
        return ""


class PlaceError(BridgeError):
    """Its text is a path or a date alone, and is shown."""

    @property
    def detail(self) -> str:
        return str(self)


class CardError(BridgeError):
    """A fact about card or reader; codes of bridge-protocol.md, "failures"."""


class NoReader(CardError):
    code = "no-reader"


class NoService(NoReader):
    """The PC/SC service does not run; on Windows it ends with the last reader."""

    code = "no-service"


class ServiceSilent(NoService):
    """The PC/SC service runs and does not answer."""

    code = "service-silent"


class ServiceMismatched(NoService, PlaceError):
    """Service and client library speak different versions (a container, a snap); the text names both, where known."""

    code = "service-mismatched"


class AccessDenied(NoReader):
    """The system keeps this session from card readers (polkit, where it is no local one)."""

    code = "access-denied"


class ReaderSilent(CardError):
    """The reader, or its driver, does not answer."""

    code = "reader-silent"


class ReaderBusy(CardError):
    code = "reader-busy"


class NoCard(CardError):
    code = "no-card"


class CardUnreadable(CardError):
    code = "card-unreadable"


class CardMute(CardUnreadable):
    """No answer to power: a card put in upside down, or a slot for the reader's own module."""


class CardSilent(CardError):
    """The card has begun to answer and no longer does."""

    code = "card-silent"


class CardRemoved(CardError):
    code = "card-removed"


class CardReset(CardUnreadable):
    """Another program reset the card: start again at SELECT, and never send a PIN again by itself."""


class CardNotSupported(CardError):
    code = "card-not-supported"


class ServiceCardUnsuitable(CardError):
    """Neither a My Number card nor one that the ATR calls FeliCa or ISO 14443-3 A storage."""

    code = "service-card-unsuitable"


class ServiceCardRandom(CardError):
    """The UID is another one at each tap: four bytes from 08 on (ISO 14443-3 A)."""

    code = "service-card-random"


class CardStopped(CardError):
    """The application is there and has been deactivated (6283, 6285)."""

    code = "card-stopped"


class DataMalformed(CardUnreadable):
    """What the card holds does not have its form."""


class CardDataUnusable(CardUnreadable):
    """Read whole, twice, and not what it should be."""

    code = "card-data-unusable"


class AnotherCard(CardRemoved):
    """Not the card that lay there before."""

    code = "another-card"


class RemovedBeforePin(CardRemoved):
    """Taken out at the prompt and put back; the counter shows that no try was spent."""

    code = "removed-before-pin"


class Unfinished(CardUnreadable):
    """Broken off under the PIN; the counter shows that a try was spent, or does not tell."""

    code = "unfinished"


class UnfinishedUnspent(CardUnreadable):
    """Broken off under the PIN or the signature; the counter shows that no try was spent."""

    code = "unfinished-unspent"


class KeyUnsupported(CardNotSupported):
    """The certificate's key does not sign RS256 with 2048 to 4096 bits."""

    code = "algorithm-unsupported"


class CertificateWrongKind(CardNotSupported):
    """The certificate on the card is not one for user authentication."""

    code = "certificate-wrong-kind"


class CertificateAbsent(CardError):
    code = "certificate-absent"


class PinMalformed(CardError):
    """Not four digits; nothing was sent to the card."""

    code = "pin-malformed"


class PinIncorrect(CardError):
    code = "pin-incorrect"

    def __init__(self, tries_left: int | None) -> None:
        """Carry the tries that are left; None where the card does not tell."""
        super().__init__(f"{'an unknown number of' if tries_left is None else tries_left} tries left")
        self.tries_left = tries_left


class PinBlocked(CardError):
    code = "pin-blocked"


class CommandRefused(BridgeError):
    """The command is not on the allow-list; it never reached a reader."""

    code = "command-refused"


class PcscMissing(BridgeError):
    """The pyscard package is not installed."""

    code = "pcsc-missing"


class LaunchLinkMalformed(BridgeError):
    code = "launch-link-malformed"


class OriginMalformed(BridgeError):
    code = "origin-malformed"


class OriginNotAllowed(BridgeError):
    code = "origin-not-allowed"


class PortalUnreachable(BridgeError):
    code = "portal-unreachable"


class PortalUntrusted(BridgeError):
    """The portal's certificate or its pinned key is not the expected one."""

    code = "portal-untrusted"


class ClockWrong(PortalUntrusted, PlaceError):
    """The portal's certificate begins after this computer's present; the text names both dates."""

    code = "clock-wrong"


class PortalReplyMalformed(BridgeError):
    code = "portal-reply-malformed"


class PortalRefused(BridgeError):
    code = "portal-refused"

    def __init__(self, problem_code: str, title: str, status: int = 400, retry_after: int = 0) -> None:
        """Carry the problem's code and title, the status, and how many seconds the portal asks for."""
        super().__init__(f"{problem_code}: {title}")
        self.problem_code = problem_code
        self.title = title
        self.status = status
        self.retry_after = retry_after

    @property
    def detail(self) -> str:
        """The portal's own title, in the language that was asked for."""
        return self.title


class NotEnrolled(BridgeError):
    """No terminal: never enrolled, or its token is refused."""

    code = "not-enrolled"


class Cancelled(BridgeError):
    code = "cancelled"
