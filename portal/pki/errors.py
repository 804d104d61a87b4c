"""What can go wrong with a token or a certificate: one stable code a step, and a class for what somebody catches."""

from enum import StrEnum
from typing import Self

from portal.domain.codes import Code
from portal.domain.errors import Refusal


class Reason(StrEnum):
    """Say more than a code does, stably, for the operator's log and 「証明書表示」; calls are told the code alone."""

    told: str

    def __new__(cls, value: str, told: str) -> Self:
        """Make a member out of its name and what it says in English."""
        made = str.__new__(cls, value)
        made._value_, made.told = value, told
        return made

    AUTHORITY_UNKNOWN = "authority-unknown", "no pinned authority has signed it"
    AUTHORITY_NOT_VALID = "authority-not-valid", "the pinned authority that signed it is not valid now"
    SIGNATURE_ALGORITHM = "signature-algorithm", "it is signed with a weak or unknown algorithm"
    SIGNATURE_ALGORITHMS_DIFFER = "signature-algorithms-differ", "it names two different algorithms for its signature"
    SIGNATURE_PARAMETERS = "signature-parameters", "the parameters of its signature's algorithm are absent or odd"
    DATE_FORM = "date-form", "a date before 2050 is written as GeneralizedTime"
    EXTENSION_CRITICAL = "extension-critical", "an extension is critical that is not known here, or may not be critical"
    KEY_FORM = "key-form", "its key is of an unknown kind, or in another encoding"
    KEY_WEAK = "key-weak", "its private key follows from its public one"


class PkiError(Refusal):
    """Say which step failed, with the protocol's code (bridge-protocol, "Errors"), and in English what was wrong."""

    def __init__(self, code: Code, told: str | Reason) -> None:
        self.code, self.reason = code, told if isinstance(told, Reason) else None
        super().__init__(self.reason.told if self.reason else told)


class CertificateMalformed(PkiError):
    def __init__(self, told: str) -> None:
        super().__init__(Code.CERTIFICATE_MALFORMED, told)


class TrustAnchorsUnusable(PkiError):
    """Tell the operator what is wrong with the directory of authorities; nobody is verified meanwhile."""

    def __init__(self, told: str) -> None:
        super().__init__(Code.UNAVAILABLE, told)
