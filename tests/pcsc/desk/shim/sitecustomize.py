"""Overrule PC/SC as SHIM says (JSON), where this folder is on PYTHONPATH: what the virtual reader cannot do."""

import json
import os
from pathlib import Path

from smartcard import scard

SAYS = json.loads(os.environ["SHIM"])
PRESENT_AND_MUTE, MUTE = 0x220, 0x80100066
real = {name: getattr(scard, name) for name in ("SCardTransmit", "SCardConnect", "SCardGetStatusChange")}


def transmit(card, protocol, command):
    """Return no bytes to the first command that begins so; the card has answered it."""
    answer = real["SCardTransmit"](card, protocol, command)
    marker = Path(SAYS["marker"])
    if bytes(command).hex().upper().startswith(SAYS["no_bytes_once"]) and not marker.exists():
        marker.touch()
        return [0, []]
    return answer


def connect(context, reader, *how):
    return [MUTE, 0, 0] if reader == SAYS["mute_slot"] else real["SCardConnect"](context, reader, *how)


def status_change(context, patience, states):
    code, told = real["SCardGetStatusChange"](context, patience, states)
    return [code, [(name, PRESENT_AND_MUTE if name == SAYS["mute_slot"] else state, atr) for name, state, atr in told]]


if "no_bytes_once" in SAYS:
    scard.SCardTransmit = transmit
if "mute_slot" in SAYS:
    scard.SCardConnect, scard.SCardGetStatusChange = connect, status_change
if "establish" in SAYS:
    scard.SCardEstablishContext = lambda _: [SAYS["establish"], 0]
