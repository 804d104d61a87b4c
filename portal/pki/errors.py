"""What can go wrong with a token or a certificate: one stable code a step, and a class for what somebody catches."""

from enum import StrEnum

from portal.domain.codes import Code
from portal.domain.errors import Refusal


class Reason(StrEnum):
    """Say more than a code does, stably, for the operator's log and 「証明書表示」; calls are told the code alone."""

    AUTHORITY_UNKNOWN = "authority-unknown"
    AUTHORITY_NOT_VALID = "authority-not-valid"
    SIGNATURE_ALGORITHM = "signature-algorithm"
    SIGNATURE_ALGORITHMS_DIFFER = "signature-algorithms-differ"
    SIGNATURE_PARAMETERS = "signature-parameters"
    DATE_FORM = "date-form"
    EXTENSION_CRITICAL = "extension-critical"
    KEY_FORM = "key-form"
    KEY_WEAK = "key-weak"


TOLD = {
    Reason.AUTHORITY_UNKNOWN: "no pinned authority has signed it",
    Reason.AUTHORITY_NOT_VALID: "the pinned authority that signed it is not valid now",
    Reason.SIGNATURE_ALGORITHM: "it is signed with a weak or unknown algorithm",
    Reason.SIGNATURE_ALGORITHMS_DIFFER: "it names two different algorithms for its signature",
    Reason.SIGNATURE_PARAMETERS: "the parameters of its signature's algorithm are absent or odd",
    Reason.DATE_FORM: "a date before 2050 is written as GeneralizedTime",
    Reason.EXTENSION_CRITICAL: "an extension is critical that is not known here, or may not be critical",
    Reason.KEY_FORM: "its key is of an unknown kind, or in another encoding",
    Reason.KEY_WEAK: "its private key follows from its public one",
}


class PkiError(Refusal):
    """Say which step failed, with the protocol's code (bridge-protocol, "Errors"), and in English what was wrong."""

    def __init__(self, code: Code, told: str, reason: Reason | None = None) -> None:
        super().__init__(told)
        self.code, self.reason = code, reason


class CertificateMalformed(PkiError):
    def __init__(self, told: str) -> None:
        super().__init__(Code.CERTIFICATE_MALFORMED, told)


class TrustAnchorsUnusable(PkiError):
    """Tell the operator what is wrong with the directory of authorities; nobody is verified meanwhile."""

    def __init__(self, told: str) -> None:
        super().__init__(Code.UNAVAILABLE, told)
