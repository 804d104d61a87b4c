"""Which PC/SC service and which client library this computer has, where the two do not go together."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib")
_PATIENCE = 1.0  # seconds


@cache  # asked at each look while such a service is waited for
def pcsc_versions() -> str:
    """Say what `pcscd --version` says first, and the file of the library; nothing of what is not found."""
    daemon = shutil.which("pcscd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    files = (file for folder in _FOLDERS for way in ("", "*/") for file in Path(folder).glob(f"{way}libpcsclite.so.1"))
    library = next((str(file.resolve()) for file in files), "")
    return ", ".join(filter(None, (_said(daemon) if daemon else "", library)))


def _said(daemon: str) -> str:
    try:
        said = subprocess.run((daemon, "--version"), capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603 (by its path)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode("utf-8", "replace").partition("\n")[0].rstrip(".")
