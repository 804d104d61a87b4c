"""The programs of this bridge, as the system is to start them for a link and with the session."""

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Programs:
    """Whole paths and their arguments."""

    link: tuple[str, ...]  # a link follows
    terminal: tuple[str, ...]
    window: bool  # neither needs a terminal to be seen in


def these_programs() -> Programs:
    """Name the programs beside this interpreter, or this frozen program; a window's only where Qt came along."""
    script, window = _beside("reader-bridge"), _beside("mykey-bridge")
    if window.exists() and (hasattr(sys, "frozen") or find_spec("PySide6")):
        return Programs((str(window), "open", "--"), (str(window), "terminal", "--background"), window=True)
    own = (str(script),) if script.exists() else (sys.executable, "-m", "reader_bridge")
    return Programs((*own, "open", "--keep-open", "--"), (*own, "terminal", "run"), window=False)


def _beside(name: str) -> Path:
    return Path(sys.executable).with_name(f"{name}.exe" if sys.platform == "win32" else name)
