"""The highest number that each issuer's lists of revoked certificates had: kept in a file, for the next start too."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

_log = logging.getLogger(__name__)


@dataclass
class CrlNumbers:
    """Numbers by issuer and distribution point. A file that cannot be written is told, and remembered until the end."""

    file: Path
    _seen: dict[str, int] = field(default_factory=dict)

    def last(self, key: str) -> int:
        """Return the last number, which another process may have seen; -1 for none."""
        return max(self._seen.get(key, -1), self._written().get(key, -1))

    def keep(self, numbers: dict[str, int]) -> None:
        """Remember what is higher than before."""
        written = self._written()
        self._seen = {key: max(number, self._seen.get(key, -1)) for key, number in (written | numbers).items()}
        if self._seen == written:
            return
        draft = self.file.with_suffix(".new")
        try:
            draft.write_text(json.dumps(self._seen, indent=1), encoding="utf-8")
            draft.replace(self.file)
        except OSError as error:
            _log.warning(
                "%s cannot be written (%s): after a restart, an older list would count", self.file, error.strerror
            )

    def _written(self) -> dict[str, int]:
        try:
            found = json.loads(self.file.read_bytes())
            return {str(key): int(number) for key, number in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            _log.warning("%s cannot be read (%s)", self.file, type(error).__name__)
            return {}
