"""Readers on USB, as Linux lists them in /sys, for what PC/SC does not show."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

USB = Path("/sys/bus/usb/devices")
_SMART_CARD = "0b"  # USB class of CCID readers
# What Linux takes to drive readers of these makers that are no CCID readers, or need more than libccid.
_DRIVERS = {"054c:06c1": "rc-s380", "054c:06c3": "rc-s380", "072f:2200": "pn533", "072f:": "libacsccid1"}
_MAKERS = ("072f:", "04e6:", "076b:", "08e6:", "31aa:")  # ACS, SCM/Identiv, OMNIKEY, Gemalto, Circle


class UsbReader(NamedTuple):
    name: str
    product: str
    driver: str  # a Debian package, or what has a sentence of its own: `rc-s380`, `pn533`


def usb_readers(folder: Path = USB) -> Iterator[UsbReader]:
    """Yield each device that calls itself a smart card reader, and those of the known makers that do not."""
    for device in sorted(folder.glob("*")):
        number = f"{_read(device / 'idVendor')}:{_read(device / 'idProduct')}"
        classes = {_read(each) for each in device.glob("*:*/bInterfaceClass")}
        named = next((driver for beginning, driver in _DRIVERS.items() if number.startswith(beginning)), None)
        if _SMART_CARD in classes or named or number.startswith(_MAKERS):
            product = _read(device / "product") or number
            yield UsbReader(f"{_read(device / 'manufacturer')} {product}".strip(), product, named or "libccid")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
