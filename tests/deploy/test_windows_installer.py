"""The installer for Windows, built here by Debian's NSIS around a stand-in; no Windows has run it."""

import subprocess
from pathlib import Path

import pytest

from reader_bridge import __version__
from reader_bridge.desktop import windows

SCRIPT = Path("deploy/bridge/windows/installer.nsi")


@pytest.fixture(scope="module")
def setup(tmp_path_factory):
    place = tmp_path_factory.mktemp("installer")
    (place / "app" / "_internal").mkdir(parents=True)
    for name in ("mykey-bridge.exe", "reader-bridge.exe", "_internal/python312.dll"):
        (place / "app" / name).write_bytes(b"a stand-in for the frozen program")
    out = place / f"mykey-bridge-{__version__}-windows-x64-setup.exe"
    names = [f"-DVERSION={__version__}", f"-DFOLDER={place / 'app'}", f"-DOUT={out}"]
    built = subprocess.run(["makensis", "-WX", "-V2", *names, SCRIPT], capture_output=True, text=True, check=False)
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    return out.read_bytes()


def test_it_is_a_program_that_asks_for_no_administrator(setup):
    assert setup.startswith(b"MZ")
    assert b'requestedExecutionLevel level="asInvoker"' in setup


def test_it_names_its_version(setup):
    assert __version__.encode("utf-16-le") in setup


def test_its_uninstaller_removes_what_the_program_may_no_longer_be_able_to():
    script = SCRIPT.read_text("utf-8")
    removal = script.partition("Section Uninstall")[2]
    assert rf'DeleteRegKey HKCU "{windows.SCHEME_KEY}"' in removal
    assert f'"{windows.TERMINAL}"' in removal
    assert "HKLM" not in script
    assert 'RMDir /r "$INSTDIR"' not in script  # a folder that somebody has chosen may hold more than the program
