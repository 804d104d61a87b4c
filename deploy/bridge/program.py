"""What PyInstaller freezes: the command line, the window, and the process that both start to speak to PC/SC."""

# Each imports its own part alone: the process for PC/SC has no use for Qt.
# ruff: noqa: PLC0415

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

_WORKER = str(Path("reader_bridge") / "readers" / "worker.py")


def restore_library_path(environment: MutableMapping[str, str]) -> None:
    """Give what is started from here on the system's libraries: PyInstaller has put its own before them.

    The loader of this process has read the variable already, and keeps to what it read.
    """
    before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    if before:
        environment["LD_LIBRARY_PATH"] = before
    else:
        environment.pop("LD_LIBRARY_PATH", None)


def main() -> None:
    """Be the program that the name of the file says."""
    restore_library_path(os.environ)
    if sys.argv[1:] and sys.argv[1].endswith(_WORKER):
        from reader_bridge.readers import worker

        worker.main()
    elif Path(sys.executable).stem == "mykey-bridge":
        from reader_bridge import window

        window.main()
    else:
        from reader_bridge import cli

        cli.main(prog_name="reader-bridge")


if __name__ == "__main__":
    main()
