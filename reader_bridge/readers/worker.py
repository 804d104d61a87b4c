"""The process that calls PC/SC, so that a call that never returns can be given up with it.

One JSON line asks, `["SCardConnect", …]`, one answers, `[code, …]`; it ends with its standard input, even in the middle
of a call. Started by path, it imports nothing of the bridge.
"""

import json
import os
import queue
import sys
import threading
from typing import Any


def main() -> None:
    """Answer calls until the bridge ends."""
    keep_out_of_core_files()
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    try:
        from smartcard import scard  # noqa: PLC0415 (the bridge is told what is missing)
    except ImportError as missing:
        asked.get()
        _answer({"missing": str(missing)})
        return
    while True:
        _answer(_call(scard, *json.loads(asked.get())))


def _listen(asked: "queue.SimpleQueue[str]") -> None:
    for line in sys.stdin:
        asked.put(line)
    os._exit(0)  # the main thread may rest in a call for ever


def _call(scard: Any, name: str, *arguments: Any) -> object:
    if name == "SCardGetStatusChange":
        context, patience, states = arguments
        arguments = context, patience, [tuple(state) for state in states]
    try:
        return getattr(scard, name)(*arguments)
    except Exception:  # noqa: BLE001 (its text could hold what was sent)
        return {"failed": name}


def _answer(reply: object) -> None:
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def keep_out_of_core_files() -> None:
    """Leave no core file, to no handler of the system either: a PIN passes through here."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (not on Windows)

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 (start-up time elsewhere)

        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


if __name__ == "__main__":
    main()
