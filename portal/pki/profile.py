"""Kind of certificate: the JPKI profile of a user authentication certificate (利用者証明用電子証明書)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from portal.domain.codes import Code
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.errors import PkiError

PERSONAL_DATA_ARC = "1.2.392.200149.8.5.5."  # name, address, birth, sex: in signing certificates (署名用)
USER_AUTHENTICATION_UNIT = "JPKI for user authentication"
AUTHORITY_NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "JPKI"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, USER_AUTHENTICATION_UNIT),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Japan Agency for Local Authority Information Systems"),
    ]
)  # of every generation
DIGITAL_SIGNATURE_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Rule:
    """What one extension has to say; a required one has to be critical too."""

    extension: type[x509.ExtensionType]
    required: bool
    accepts: Callable[[Any], bool]


class Profile:
    def __init__(self, policy_oid: str) -> None:
        self.rules = (
            Rule(x509.CertificatePolicies, required=True, accepts=lambda each: policy_oids(each) == [policy_oid]),
            Rule(x509.KeyUsage, required=True, accepts=lambda usage: bool(usage == DIGITAL_SIGNATURE_ONLY)),
            Rule(x509.BasicConstraints, required=False, accepts=lambda constraints: not constraints.ca),
            Rule(x509.ExtendedKeyUsage, required=False, accepts=lambda usage: ExtendedKeyUsageOID.CLIENT_AUTH in usage),
            Rule(x509.SubjectAlternativeName, required=False, accepts=_without_personal_data),
            Rule(x509.NameConstraints, required=False, accepts=lambda _: False),  # an authority's (RFC 5280, 4.2.1.10)
        )

    def check(self, certificate: UnverifiedCertificate) -> None:
        """Raise PkiError certificate-wrong-kind for the first broken rule."""
        for rule in self.rules:
            name = rule.extension.__name__
            extension = certificate.extensions.get(rule.extension)
            if rule.required and not (extension and extension.critical):
                raise PkiError(Code.CERTIFICATE_WRONG_KIND, f"{name} is absent or not critical")
            if extension and not rule.accepts(extension.value):
                raise PkiError(Code.CERTIFICATE_WRONG_KIND, f"{name} is not that of a user authentication certificate")


def policy_oids(policies: Iterable[x509.PolicyInformation]) -> list[str]:
    return [policy.policy_identifier.dotted_string for policy in policies]


def _without_personal_data(names: x509.SubjectAlternativeName) -> bool:
    others = names.get_values_for_type(x509.OtherName)
    return not any(other.type_id.dotted_string.startswith(PERSONAL_DATA_ARC) for other in others)
