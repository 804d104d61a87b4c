"""The portal's own error tree. A code is stable and documented; words and status belong to routes/problems.py."""


class PortalError(Exception):
    """Say with a stable code what cannot be done."""

    code = "internal"

    def __init__(self, code: str | None = None) -> None:
        self.code = code or self.code
        super().__init__(self.code)


class NotConfiguredError(Exception):
    """Say what a portal in production lacks, and what to do about it."""
