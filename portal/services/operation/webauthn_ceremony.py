"""Both ceremonies of passkeys, by py_webauthn: long to load, so imported when somebody of staff first signs in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from portal.domain.formats.json_object import json_object
from portal.models import Passkey, Staff

SITE = "MyKey Portal"
REFUSALS = (WebAuthnException, ValueError, TypeError, LookupError)
"""What py_webauthn raises for a credential that is not good, or for what is no credential at all."""


class Ceremony(NamedTuple):
    """One of either kind, at our host and origin."""

    rp_id: str
    origin: str
    challenge: str

    def sign_in_options(self) -> str:
        """Return what navigator.credentials.get wants, in JSON."""
        options = generate_authentication_options(
            rp_id=self.rp_id,
            challenge=base64url_to_bytes(self.challenge),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def enrolment_options(self, staff: Staff, known: Iterable[str]) -> str:
        """Return what navigator.credentials.create wants, in JSON; a device with a known passkey makes no other."""
        options = generate_registration_options(
            rp_id=self.rp_id,
            rp_name=SITE,
            user_id=staff.staff_id.bytes,
            user_name=staff.name,
            challenge=base64url_to_bytes(self.challenge),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(name)) for name in known],
        )
        return options_to_json(options)

    def read(self, credential: str) -> AuthenticationCredential:
        """Read what signing in sent. Raises ValueError."""
        with _refusals():
            return parse_authentication_credential_json(json_object(credential.encode()))

    def verify_use(self, passkey: Passkey, credential: AuthenticationCredential) -> VerifiedAuthentication:
        """Verify that a passkey signed the challenge. Raises ValueError."""
        with _refusals():
            return verify_authentication_response(
                credential=credential,
                expected_challenge=base64url_to_bytes(self.challenge),
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )

    def verify_new(self, credential: str) -> VerifiedRegistration:
        """Verify that a new passkey was made for the challenge. Raises ValueError."""
        with _refusals():
            return verify_registration_response(
                credential=json_object(credential.encode()),
                expected_challenge=base64url_to_bytes(self.challenge),
                expected_rp_id=self.rp_id,
                expected_origin=self.origin,
                require_user_verification=True,
            )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except REFUSALS:
        raise ValueError from None
