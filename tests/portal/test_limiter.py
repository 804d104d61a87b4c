"""Calls that are counted in the process."""

from portal import limiter
from portal.domain.limits import Limit
from portal.limiter import Limiter


def test_a_window_counts_its_own_key_from_the_first_call_on_and_is_forgotten_when_it_is_over(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(limiter, "monotonic", lambda: now)
    limits, twice, hourly = Limiter(), Limit("calls", 2), Limit("others", 1, seconds=3600)
    assert [limits.hit(twice, "192.0.2.1") for _ in range(3)] == [True, True, False]
    assert limits.hit(twice, "192.0.2.2")
    assert limits.hit(hourly, "192.0.2.1")
    now += 59.9
    assert not limits.hit(twice, "192.0.2.1")
    now += 0.1
    assert limits.hit(twice, "192.0.2.1")
    assert not limits.hit(hourly, "192.0.2.1")
    assert len(limits.windows) == 2
