"""A terminal tells its page that cards can be read there, or is silent (bridge-protocol, "Terminals")."""

from collections.abc import Callable
from http import HTTPStatus

from reader_bridge.errors import BridgeError, NotEnrolled, PortalRefused
from reader_bridge.portal.client import PortalClient

EVERY = 30.0  # seconds


def stay_present(
    portal: PortalClient, token: str, *, ready: Callable[[], bool], is_over: Callable[[float], bool]
) -> None:
    """Tell it again and again while it is so; `is_over` waits for the end, so many seconds at most.

    Raises NotEnrolled where the token is refused.
    """
    while True:
        try:
            if ready():
                portal.be_present(token)
        except PortalRefused as refusal:
            if refusal.status == HTTPStatus.UNAUTHORIZED:
                raise NotEnrolled(refusal.problem_code) from None
        except BridgeError:
            pass  # the next tap tells of it here, and the page tells of the silence
        if is_over(EVERY):
            return
