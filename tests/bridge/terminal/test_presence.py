"""A terminal says that cards can be read there while that is so, and ends where its token is refused."""

import pytest

from reader_bridge.errors import NotEnrolled
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.terminal.presence import EVERY, stay_present
from tests.bridge.fake_portal import problem

PRESENCE, TOKEN = "/api/v1/presence", "terminal.token-1"
DONE = (204, {}, b"")


def present(portal, ready):
    """Stay present for as many looks at the readers: r where cards can be read."""
    answers, pauses = [look == "r" for look in ready], []

    def is_over(seconds):
        pauses.append(seconds)
        return not answers

    stay_present(PortalClient(Origin.parse(portal.origin)), TOKEN, ready=lambda: answers.pop(0), is_over=is_over)
    assert pauses == [EVERY] * len(ready)
    return [(path, headers["Authorization"], body) for path, headers, body in portal.calls]


def test_it_is_told_again_and_again_while_cards_can_be_read(portal):
    portal.replies[PRESENCE] = DONE
    assert present(portal, "r-r") == [(PRESENCE, f"Bearer {TOKEN}", b"{}")] * 2


@pytest.mark.parametrize("reply", [problem(503, "unavailable"), problem(404, "not-found"), (200, {}, b"")])
def test_what_the_portal_answers_otherwise_is_no_end(portal, reply):
    portal.replies[PRESENCE] = reply
    assert len(present(portal, "rr")) == 2


def test_a_refused_token_is_the_end(portal):
    portal.replies[PRESENCE] = problem(401, "terminal-token-invalid")
    with pytest.raises(NotEnrolled):
        present(portal, "rr")
