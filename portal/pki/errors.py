"""What can go wrong with a token or a certificate: one class a step, one stable code a class."""

from typing import ClassVar


class PkiError(Exception):
    """Say which step failed; `code` is the protocol's (bridge-protocol, "Errors")."""

    code: ClassVar[str]


class TokenMalformed(PkiError):
    code = "token-malformed"


class CertificateMalformed(PkiError):
    code = "certificate-malformed"


class CertificateWrongKind(PkiError):
    code = "certificate-wrong-kind"


class CertificateNotYetValid(PkiError):
    code = "certificate-not-yet-valid"


class CertificateExpired(PkiError):
    code = "certificate-expired"


class CertificateNotTrusted(PkiError):
    code = "certificate-not-trusted"


class AlgorithmUnsupported(PkiError):
    code = "algorithm-unsupported"


class SignatureInvalid(PkiError):
    code = "signature-invalid"


class CertificateSubjectInvalid(PkiError):
    code = "certificate-subject-invalid"


class CertificateRevoked(PkiError):
    code = "certificate-revoked"


class RevocationUnknown(PkiError):
    code = "revocation-unknown"


class TrustAnchorsUnusable(PkiError):
    """Tell the operator what is wrong with the directory of authorities; nobody is verified meanwhile."""

    code = "unavailable"
