"""What can go wrong with a token or a certificate: one class a step, one stable code a class."""

from portal.domain.codes import Code
from portal.domain.errors import Refusal


class PkiError(Refusal):
    """Say which step failed; `code` is the protocol's (bridge-protocol, "Errors")."""


class TokenMalformed(PkiError):
    code = Code.TOKEN_MALFORMED


class CertificateMalformed(PkiError):
    code = Code.CERTIFICATE_MALFORMED


class CertificateWrongKind(PkiError):
    code = Code.CERTIFICATE_WRONG_KIND


class CertificateNotYetValid(PkiError):
    code = Code.CERTIFICATE_NOT_YET_VALID


class CertificateExpired(PkiError):
    code = Code.CERTIFICATE_EXPIRED


class CertificateNotTrusted(PkiError):
    code = Code.CERTIFICATE_NOT_TRUSTED


class AlgorithmUnsupported(PkiError):
    code = Code.ALGORITHM_UNSUPPORTED


class SignatureInvalid(PkiError):
    code = Code.SIGNATURE_INVALID


class CertificateSubjectInvalid(PkiError):
    code = Code.CERTIFICATE_SUBJECT_INVALID


class CertificateRevoked(PkiError):
    code = Code.CERTIFICATE_REVOKED


class RevocationUnknown(PkiError):
    code = Code.REVOCATION_UNKNOWN


class TrustAnchorsUnusable(PkiError):
    """Tell the operator what is wrong with the directory of authorities; nobody is verified meanwhile."""

    code = Code.UNAVAILABLE
