"""Whether Qt can draw here, found out before it is imported: it would end the process."""

import ctypes
import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path


def what_is_missing() -> str:
    """Name what keeps Qt from drawing, a Debian package where that is known; nothing where it can draw."""
    spec = find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        return "PySide6"
    if sys.platform in ("win32", "darwin") or "QT_QPA_PLATFORM" in os.environ:
        return ""
    plugins = Path(spec.submodule_search_locations[0], "Qt", "plugins", "platforms")
    problems = []
    if os.environ.get("WAYLAND_DISPLAY"):
        problems.append(_loaded(plugins / "libqwayland.so"))
    if os.environ.get("DISPLAY"):
        problems.append(_loaded(plugins / "libqxcb.so") or _display_refused())
    return "" if "" in problems else "; ".join(problems) or "DISPLAY"


def _loaded(plugin: Path) -> str:
    """Load a platform plugin with all that it needs; name the package of the first library that is not there."""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        library = re.match(r"(lib[^/ ]+)\.so\.([0-9]+):", str(error))
        return package_of(*library.groups()) if library else str(error)
    return ""


def package_of(name: str, number: str) -> str:
    """Name the Debian package of a library (Debian Policy 8.1): a hyphen keeps two numbers apart."""
    return f"{name}{'-' if name[-1].isdigit() else ''}{number}".lower().replace("_", "-")


def _display_refused() -> str:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return f"DISPLAY {os.environ['DISPLAY']}" if refused else ""
