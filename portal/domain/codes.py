"""The stable codes of what cannot be done: raised, stored, told to programs; their words are in portal/web/problems."""

from enum import StrEnum


class Code(StrEnum):
    """One thing that can go wrong; programs and stored rows keep the value, so it does not change."""

    # What any request can meet
    REQUEST_MALFORMED = "request-malformed"
    FORM_EXPIRED = "form-expired"
    ORIGIN_REFUSED = "origin-refused"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    BODY_TOO_LARGE = "body-too-large"
    MEDIA_TYPE_UNSUPPORTED = "media-type-unsupported"
    HOST_UNKNOWN = "host-unknown"
    RATE_LIMITED = "rate-limited"
    INTERNAL = "internal"
    UNAVAILABLE = "unavailable"

    # A card session and its completion
    CLAIM_INVALID = "claim-invalid"
    CARD_SESSION_NOT_FOUND = "card-session-not-found"
    CARD_SESSION_CLAIMED = "card-session-claimed"
    CARD_SESSION_EXPIRED = "card-session-expired"
    CARD_SESSION_ENDED = "card-session-ended"
    CARD_SESSION_REPLACED = "card-session-replaced"
    CARD_SESSION_CANCELLED = "card-session-cancelled"
    NONCE_USED = "nonce-used"
    COMPLETION_REFUSED = "completion-refused"
    COMPLETION_CODE_UNKNOWN = "completion-code-unknown"
    COMPLETION_CODE_REFUSED = "completion-code-refused"
    COMPLETION_CODE_WRONG = "completion-code-wrong"

    # A token and its certificate
    TOKEN_MALFORMED = "token-malformed"  # noqa: S105 - no password
    CERTIFICATE_MALFORMED = "certificate-malformed"
    CERTIFICATE_NOT_TRUSTED = "certificate-not-trusted"
    CERTIFICATE_WRONG_KIND = "certificate-wrong-kind"
    CERTIFICATE_NOT_YET_VALID = "certificate-not-yet-valid"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_REVOKED = "certificate-revoked"
    CERTIFICATE_SUBJECT_INVALID = "certificate-subject-invalid"
    REVOCATION_UNKNOWN = "revocation-unknown"
    ALGORITHM_UNSUPPORTED = "algorithm-unsupported"
    SIGNATURE_INVALID = "signature-invalid"

    # What a bridge tells of the card
    NO_READER = "no-reader"
    READER_BUSY = "reader-busy"
    NO_CARD = "no-card"
    CARD_UNREADABLE = "card-unreadable"
    CARD_REMOVED = "card-removed"
    CARD_NOT_SUPPORTED = "card-not-supported"
    PIN_INCORRECT = "pin-incorrect"
    CERTIFICATE_ABSENT = "certificate-absent"
    PIN_BLOCKED = "pin-blocked"
    CANCELLED = "cancelled"

    # A citizen at the pages
    CARD_NEEDED = "card-needed"
    SIGN_IN_NEEDED = "sign-in-needed"
    CARD_NOT_REGISTERED = "card-not-registered"
    MYKEY_ID_CONFLICT = "mykey-id-conflict"
    CERTIFICATE_CONFLICT = "certificate-conflict"

    # The 14 characters that a citizen chooses
    MYKEY_ID_LENGTH = "mykey-id-length"
    MYKEY_ID_ALPHABET = "mykey-id-alphabet"
    MYKEY_ID_RESERVED_WORD = "mykey-id-reserved-word"
    MYKEY_ID_OWN_STRING = "mykey-id-own-string"
    MYKEY_ID_TAKEN = "mykey-id-taken"
    MYKEY_ID_RESERVED = "mykey-id-reserved"
    RESERVATION_TOO_SOON = "reservation-too-soon"
    RESERVATION_CHANGES_USED_UP = "reservation-changes-used-up"
    RESERVATION_MISSING = "reservation-missing"

    # Continuity from card to card
    CERTIFICATE_REPLACED = "certificate-replaced"
    CERTIFICATE_NOT_NEWER = "certificate-not-newer"
    CERTIFICATE_KNOWN = "certificate-known"
    CERTIFICATE_OLDER_THAN_CODE = "certificate-older-than-code"
    MOVE_MAY_BE_UNDONE = "move-may-be-undone"
    MOVE_NOT_UNDOABLE = "move-not-undoable"
    CARRY_OVER_CODE_WRONG = "carry-over-code-wrong"
    CARRY_OVER_TRIES_USED_UP = "carry-over-tries-used-up"
    RENEWAL_DAYS_DIFFER = "renewal-days-differ"
    RENEWAL_ORDER = "renewal-order"
    RECORDS_NOT_JOINABLE = "records-not-joinable"
    CORRESPONDENCE_MISSING = "correspondence-missing"

    # Service IDs
    MYKEY_ID_NOT_REGISTERED = "mykey-id-not-registered"
    MYKEY_ID_STOPPED = "mykey-id-stopped"
    SERVICE_ID_NOT_REGISTERED = "service-id-not-registered"
    SERVICE_ID_ALREADY_REGISTERED = "service-id-already-registered"
    SERVICE_ID_IN_USE = "service-id-in-use"
    SERVICE_ID_MALFORMED = "service-id-malformed"
    SERVICE_PROVIDER_SUSPENDED = "service-provider-suspended"
    INQUIRY_NOT_ALLOWED = "inquiry-not-allowed"
    CARD_WANTED = "card-wanted"
    SERVICE_CARD_WANTED = "service-card-wanted"
    MY_NUMBER_CARD_WANTED = "my-number-card-wanted"
    FIRST_LINK_NOT_ALLOWED = "first-link-not-allowed"
    REPLACEMENT_NOT_ALLOWED = "replacement-not-allowed"
    SERVICE_LINK_UNCONFIRMED = "service-link-unconfirmed"
    SERVICE_LINK_NOT_PENDING = "service-link-not-pending"

    # Files of links
    LINK_FILE_NOT_ALLOWED = "link-file-not-allowed"
    LINK_FILE_TOO_LARGE = "link-file-too-large"
    LINK_FILE_MALFORMED = "link-file-malformed"
    LINK_FILE_NOT_FOUND = "link-file-not-found"
    LINK_FILE_REFUSED = "link-file-refused"
    LINK_FILE_OVERTAKEN = "link-file-overtaken"
    LINK_LINE_MALFORMED = "link-line-malformed"
    LINK_LINE_REPEATED = "link-line-repeated"

    # A terminal and its page
    TERMINAL_TOKEN_INVALID = "terminal-token-invalid"  # noqa: S105 - no password
    TERMINAL_PAGE_UNKNOWN = "terminal-page-unknown"
    TERMINAL_LOCKED = "terminal-locked"
    ENROLMENT_CODE_NOT_FOUND = "enrolment-code-not-found"

    # Visits to the counter
    VISIT_NOT_FOUND = "visit-not-found"
    VISIT_ENDED = "visit-ended"
    VISIT_OF_ANOTHER_CLERK = "visit-of-another-clerk"
    VISIT_OF_ANOTHER_PERSON = "visit-of-another-person"
    VISIT_CHANGED = "visit-changed"
    VISIT_WAITS = "visit-waits"
    OLD_CARD_MISSING = "old-card-missing"
    NEW_CARD_MISSING = "new-card-missing"
    CERTIFICATE_LACKS_RESERVED = "certificate-lacks-reserved"
    CERTIFICATE_BEFORE_RESERVATION = "certificate-before-reservation"
    RESERVATION_OVER = "reservation-over"
    APPROVAL_BY_ANOTHER = "approval-by-another"
    REWRITING_IMPOSSIBLE = "rewriting-impossible"

    # Staff reviews and correspondence files
    REASON_MISSING = "reason-missing"
    REASON_MALFORMED = "reason-malformed"
    REVIEW_NOT_FOUND = "review-not-found"
    CORRESPONDENCE_TOO_LARGE = "correspondence-too-large"
    CORRESPONDENCE_MALFORMED = "correspondence-malformed"
    CORRESPONDENCE_NOT_FOUND = "correspondence-not-found"
    CORRESPONDENCE_TANGLED = "correspondence-tangled"
    CORRESPONDENCE_OLD_UNKNOWN = "correspondence-old-unknown"
    CORRESPONDENCE_NEW_TAKEN = "correspondence-new-taken"

    # Staff and their passkeys
    STAFF_SIGN_IN_NEEDED = "staff-sign-in-needed"
    ROLE_MISSING = "role-missing"
    STAFF_SUSPENDED = "staff-suspended"
    STAFF_LINK_INVALID = "staff-link-invalid"
    STAFF_NAME_MALFORMED = "staff-name-malformed"
    STAFF_WITHOUT_PROVIDER = "staff-without-provider"
    PASSKEY_REFUSED = "passkey-refused"

    # Providers and terminals as the operator keeps them
    SERVICE_PROVIDER_MALFORMED = "service-provider-malformed"
    SERVICE_PROVIDER_EXISTS = "service-provider-exists"
    SERVICE_PROVIDER_UNKNOWN = "service-provider-unknown"
    PICTURE_MALFORMED = "picture-malformed"
    HANDOFF_URL_MALFORMED = "handoff-url-malformed"
    HANDOFF_MESSAGE_MISSING = "handoff-message-missing"
    TERMINAL_MALFORMED = "terminal-malformed"
    TERMINAL_UNKNOWN = "terminal-unknown"

    # At the command line alone (docs/operations.md)
    USAGE = "usage"
    NOT_CONFIGURED = "not-configured"
    SETTING_INVALID = "setting-invalid"
    DATABASE_UNAVAILABLE = "database-unavailable"
    DATABASE_NOT_CURRENT = "database-not-current"
    NAME_MALFORMED = "name-malformed"
    STAFF_UNKNOWN = "staff-unknown"
    STAFF_AMBIGUOUS = "staff-ambiguous"
    SET_UP_DONE = "set-up-done"
    AUDIT_BROKEN = "audit-broken"
    AUTHORITY_UNUSABLE = "authority-unusable"
    AUTHORITY_EXPIRED = "authority-expired"
    AUTHORITY_KNOWN = "authority-known"
    NOT_CONFIRMED = "not-confirmed"
    FINGERPRINT_DIFFERS = "fingerprint-differs"
    BACKUP_KEY_MISSING = "backup-key-missing"
    BACKUP_FILE_EXISTS = "backup-file-exists"
    BACKUP_UNWRITABLE = "backup-unwritable"
    BACKUP_DAMAGED = "backup-damaged"
    BACKUP_OF_ANOTHER_VERSION = "backup-of-another-version"
    RESTORE_DATABASE_NOT_EMPTY = "restore-database-not-empty"
    RESTORE_FILE_EXISTS = "restore-file-exists"

    @classmethod
    def _missing_(cls, value: object) -> "Code":  # noqa: ARG003 - enum's
        """Read what an older version stored, and this one no longer knows, as a fault of our own."""
        return cls.INTERNAL
