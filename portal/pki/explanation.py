"""Why a certificate is accepted or not: the verifier's own rules, asked one by one, each with its evidence."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from portal.domain.codes import Code
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.errors import PkiError, Reason
from portal.pki.facts import fingerprint_of, key_of, lines_of
from portal.pki.path import Path, check_dates
from portal.pki.profile import policy_oids
from portal.pki.revocation.source import Revocation, RevocationStatus
from portal.pki.signature import algorithm_of

STEPS = ("kind", "dates", "chain", "algorithm", "subject", "revocation")


class Result(Enum):
    PASSED = "passed"
    REFUSED = "refused"
    NOT_DONE = "not-done"
    NOT_REACHED = "not-reached"


@dataclass
class Check:
    """One step of the verifier's list: what came out, what was looked at, and why it refuses."""

    step: str
    result: Result = Result.NOT_REACHED
    evidence: dict[str, Any] = field(default_factory=dict)
    code: Code | None = None
    reason: Reason | None = None


@dataclass
class Examination:
    """Each step looks at one thing, notes it as evidence, and raises the PkiError that the verifier would."""

    certificate: UnverifiedCertificate
    path: Path
    revocation: Revocation | None
    now: datetime
    issuer: x509.Certificate | None = None

    def checks(self) -> tuple[Check, ...]:
        """Take the steps in the verifier's order, up to the first that refuses."""
        checks = tuple(Check(step) for step in STEPS)
        for check in checks:
            try:
                check.result = Result.PASSED
                getattr(self, f"_{check.step}")(check)
            except PkiError as error:
                check.result, check.code, check.reason = Result.REFUSED, error.code, error.reason
                break
        return checks

    def _kind(self, check: Check) -> None:
        policies = policy_oids(self.certificate.extension(x509.CertificatePolicies) or ())
        check.evidence = {"policies": policies, "usages": self._usages()}
        self.path.profile.check(self.certificate)

    def _dates(self, check: Check) -> None:
        found = self.certificate.x509
        check.evidence = {"begin": found.not_valid_before_utc, "end": found.not_valid_after_utc, "now": self.now}
        check_dates(found, self.now)

    def _chain(self, check: Check) -> None:
        self.issuer = self.path.issuer_of(self.certificate, self.now)
        fingerprint = fingerprint_of(self.issuer.public_bytes(Encoding.DER))
        check.evidence = {"authority": lines_of(self.issuer.subject), "fingerprint": fingerprint}

    def _algorithm(self, check: Check) -> None:
        check.evidence = {"key": key_of(self.certificate.x509)}
        check.evidence["algorithm"] = algorithm_of(self.certificate.public_key)

    def _subject(self, check: Check) -> None:
        random_string, terminal_code = self.certificate.subject()
        check.evidence = {"random_string": random_string, "terminal_code": terminal_code}

    def _revocation(self, check: Check) -> None:
        assert self.issuer
        status = RevocationStatus.NOT_CHECKED
        if self.revocation:
            asked = (self.certificate.x509, self.issuer, self.now)
            status = self.revocation.status(*asked)
            if period := self.revocation.period(*asked):
                check.evidence = {"this_update": period.this_update, "next_update": period.next_update}
        if status is RevocationStatus.NOT_CHECKED:
            check.result = Result.NOT_DONE
        status.refuse()

    def _usages(self) -> list[str]:
        usage = self.certificate.extension(x509.KeyUsage)
        names = {
            "digitalSignature": "digital_signature",
            "nonRepudiation": "content_commitment",
            "keyEncipherment": "key_encipherment",
            "dataEncipherment": "data_encipherment",
            "keyAgreement": "key_agreement",
            "keyCertSign": "key_cert_sign",
            "cRLSign": "crl_sign",
        }
        return [name for name, attribute in names.items() if getattr(usage, attribute, False)]
