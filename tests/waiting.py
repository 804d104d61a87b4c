"""Wait for what comes by itself, and no longer than it needs."""

from time import monotonic, sleep

PATIENCE = 10.0


def wait_until(true, seconds=PATIENCE):
    """Return the seconds until a condition became true."""
    begin = monotonic()
    while not true():
        assert monotonic() - begin < seconds, f"waited {seconds} s in vain"
        sleep(0.01)
    return monotonic() - begin
