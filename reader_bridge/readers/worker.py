"""The process that calls PC/SC, so that a call that never returns can be given up with it.

JSON asks, `["SCardConnect", …]`, a JSON line answers, `[code, …]`. Before each question come two lengths of two bytes:
of the JSON, and of the command to the card that follows it, which no text holds, so that it can be wiped. It ends with
its standard input, even in the middle of a call. Started by path, it imports nothing of the bridge.
"""

import ctypes
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any


def main() -> None:
    """Answer calls until the bridge ends."""
    keep_out_of_core_files()
    asked: queue.SimpleQueue[tuple[bytes, bytearray]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    try:
        from smartcard import scard  # noqa: PLC0415 (the bridge is told what is missing)
    except ImportError as missing:
        asked.get()
        _answer({"missing": str(missing)})
        return
    while True:
        call, command = asked.get()
        last = [list(command)] if command else []
        command[:] = bytes(len(command))
        _answer(_call(scard, *json.loads(call), *last))


def _listen(asked: "queue.SimpleQueue[tuple[bytes, bytearray]]") -> None:
    with open(0, "rb", buffering=0, closefd=False) as pipe:

        def read(length: int) -> bytearray:
            piece, there = bytearray(length), 0
            while there < length:
                more = pipe.readinto(memoryview(piece)[there:])
                if not more:
                    os._exit(0)  # the main thread may rest in a call for ever
                there += more
            return piece

        while True:
            lengths = read(4)
            asked.put((bytes(read(int.from_bytes(lengths[:2]))), read(int.from_bytes(lengths[2:]))))


def _call(scard: Any, name: str, *arguments: Any) -> object:
    if name == "SCardGetStatusChange":
        context, patience, states = arguments
        arguments = context, patience, [tuple(state) for state in states]
    try:
        odd = name in _BY_BYTES and (
            name == "SCardListReaders" or not json.dumps(arguments, ensure_ascii=False).isascii()
        )
        return (_BY_BYTES[name] if odd and sys.platform == "linux" else getattr(scard, name))(*arguments)
    except Exception:  # noqa: BLE001 (its text could hold what was sent)
        return {"failed": name}


# pyscard takes and gives names in UTF-8 alone; a driver may have chosen another encoding. Such a name travels with
# surrogates in it, and these three calls take it to pcsc-lite themselves (winscard.h, pcsclite.h).


class _ReaderState(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("data", ctypes.c_void_p),
        ("current", ctypes.c_ulong),
        ("event", ctypes.c_ulong),
        ("length", ctypes.c_ulong),
        ("atr", ctypes.c_ubyte * 33),
    )


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _pcsc_lite() -> Any:
    return ctypes.CDLL("libpcsclite.so.1")


def _list_readers(context: int, _groups: object) -> list[object]:
    names, size = ctypes.create_string_buffer(_LONGEST_LIST), ctypes.c_ulong(_LONGEST_LIST)
    code = _pcsc_lite().SCardListReaders(ctypes.c_long(context), None, names, ctypes.byref(size))
    listed = [] if code else names.raw[: size.value].split(b"\0")
    return [code, [_text(each) for each in listed if each]]


def _connect(context: int, reader: str, share: int, protocols: int) -> list[object]:
    card, protocol = ctypes.c_long(), ctypes.c_ulong()
    told = (
        ctypes.c_long(context),
        _bytes(reader),
        ctypes.c_ulong(share),
        ctypes.c_ulong(protocols),
    )
    code = _pcsc_lite().SCardConnect(*told, ctypes.byref(card), ctypes.byref(protocol))
    return [code, card.value, protocol.value]


def _status_change(context: int, patience: int, states: list[tuple[str, int]]) -> list[object]:
    told = (_ReaderState * len(states))(*(_ReaderState(_bytes(name), None, state) for name, state in states))
    code = _pcsc_lite().SCardGetStatusChange(
        ctypes.c_long(context), ctypes.c_ulong(patience), told, ctypes.c_ulong(len(states))
    )
    return [
        code,
        [(_text(each.name), each.event, list(each.atr[: each.length])) for each in told],
    ]


_LONGEST_LIST = 8192  # bytes
_BY_BYTES: dict[str, Callable[..., list[object]]] = {
    "SCardListReaders": _list_readers,
    "SCardConnect": _connect,
    "SCardGetStatusChange": _status_change,
}


def _answer(reply: object) -> None:
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def keep_out_of_core_files() -> None:
    """Leave no core file, to no handler of the system either: a PIN passes through here."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 (not on Windows)

    _, highest = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, highest))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


if __name__ == "__main__":
    main()
