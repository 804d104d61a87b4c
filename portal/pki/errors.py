"""What can go wrong with a token or a certificate: one stable code a step, and a class for what somebody catches."""

from portal.domain.codes import Code
from portal.domain.errors import Refusal


class PkiError(Refusal):
    """Say which step failed, with the protocol's code (bridge-protocol, "Errors"), and in English what was wrong."""

    def __init__(self, code: Code, told: str) -> None:
        super().__init__(told)
        self.code = code


class CertificateMalformed(PkiError):
    def __init__(self, told: str) -> None:
        super().__init__(Code.CERTIFICATE_MALFORMED, told)


class TrustAnchorsUnusable(PkiError):
    """Tell the operator what is wrong with the directory of authorities; nobody is verified meanwhile."""

    def __init__(self, told: str) -> None:
        super().__init__(Code.UNAVAILABLE, told)
