"""What services and routes raise. A code is stable and documented; words and status belong to routes/problems.py."""


class PortalError(Exception):
    """Say with a stable code what cannot be done."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotConfiguredError(Exception):
    """Say what a portal in production lacks, and what to do about it."""
