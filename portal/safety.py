"""What a portal in production refuses to start with; each sentence says what to do."""

from portal.config import Settings
from portal.domain.errors import NotConfiguredError
from portal.domain.formats.origin import is_origin
from portal.domain.rewriting import Rewriting
from portal.pki.crl_folder import CrlFolder
from portal.pki.errors import PkiError
from portal.pki.trust import TrustAnchors

NO_REVOCATION_SOURCE = """\
MYKEY_REVOCATION is not set. Revocation data is given to certified verifiers only. To run without it, write
MYKEY_REVOCATION=none; every page that accepts a certificate then says 「電子証明書の有効性確認は行われていません。」
With lists of revoked certificates in the folder crl/, write MYKEY_REVOCATION=crl.
"""
NO_LISTS = """\
MYKEY_REVOCATION=crl, and {folder} holds no readable list of revoked certificates (*.crl, DER or PEM).
Put the list of each authority there, or write MYKEY_REVOCATION=none.
"""


def refuse_unsafe(settings: Settings, anchors: TrustAnchors, rewriting: Rewriting | None) -> None:
    """Raise NotConfiguredError for the first thing that a portal in production must not run with."""
    if not (is_origin(settings.origin) and settings.secure):
        raise NotConfiguredError(
            f"MYKEY_ORIGIN is {settings.origin!r}. Set it to the address that citizens open, as https://host or "
            "https://host:port in lower case, without a path; a TLS proxy in front of the portal answers there."
        )
    if settings.revocation is None:
        raise NotConfiguredError(NO_REVOCATION_SOURCE)
    if settings.revocation == "crl" and not CrlFolder(settings.crl_folder).lists():
        raise NotConfiguredError(NO_LISTS.format(folder=settings.crl_folder))
    if rewriting is not None:
        raise NotConfiguredError("Only a demo rewrites cards itself: start the portal with `mykey serve`.")
    try:
        anchors.certificates()
    except PkiError as error:
        raise NotConfiguredError(str(error)) from None
