"""Build a Debian package of the bridge: `deb.py wheel FILE` for the system's Python, `deb.py folder FOLDER` frozen."""

import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

from deploy.deb import ROOT, pack, write
from reader_bridge.desktop.linux import ENTRY, ICON, desktop_entry
from reader_bridge.desktop.programs import Programs

SCRIPT = "#!/usr/bin/python3\nfrom reader_bridge.cli import main\n\nmain()\n"
# What Python leaves beside its files is not dpkg's, so that it goes by itself.
COMPILE = '#!/bin/sh\nset -e\nif [ "$1" = configure ]; then py3compile -p mykey-reader-bridge; fi\n'
CLEAN = "#!/bin/sh\nset -e\npy3clean -p mykey-reader-bridge\n"
DESCRIPTION = """\
Section: utils
Description: Read a My Number card for a MyKey portal
 Follows a link or a code of a MyKey portal, asks for the PIN beside the card
 reader, and hands the card's answer to the portal.
"""


def main(kind: str, source: str) -> None:
    """Lay the tree out, and pack it."""
    name, architecture, fields = PACKAGES[kind]
    tree = ROOT / "build" / "deb" / name
    shutil.rmtree(tree, ignore_errors=True)
    programs = LAID_OUT[kind](tree, Path(source))
    write(tree / "usr/share/applications" / ENTRY, desktop_entry(programs))
    write(tree / "usr/share/icons/hicolor/scalable/apps" / ICON.name, ICON.read_text("utf-8"))
    pack(tree, name, architecture, fields + DESCRIPTION)


def from_wheel(tree: Path, wheel: Path) -> Programs:
    """Put the wheel where the system's Python finds it."""
    with ZipFile(wheel) as archive:
        archive.extractall(tree / "usr/lib/python3/dist-packages")
    write(tree / "usr/bin/reader-bridge", SCRIPT, 0o755)
    write(tree / "DEBIAN/postinst", COMPILE, 0o755)
    write(tree / "DEBIAN/prerm", CLEAN, 0o755)
    program = "/usr/bin/reader-bridge"
    return Programs((program, "open", "--keep-open", "--"), (program, "terminal", "run"), window=False)


def from_folder(tree: Path, folder: Path) -> Programs:
    """Take the frozen folder as it is."""
    shutil.copytree(folder, tree / "usr/lib/mykey-bridge", symlinks=True)
    (tree / "usr/bin").mkdir()
    for name in ("reader-bridge", "mykey-bridge"):
        (tree / "usr/bin" / name).symlink_to(f"../lib/mykey-bridge/{name}")
    program = "/usr/bin/mykey-bridge"
    return Programs((program, "open", "--"), (program, "terminal", "--background"), window=True)


FOR_WHEEL = """\
Depends: python3 (>= 3.11), python3-click, python3-cryptography (>= 38), python3-pyscard, pcscd, desktop-file-utils
Recommends: xdg-utils, x-terminal-emulator
Conflicts: mykey-bridge
"""
FOR_FOLDER = """\
Depends: libc6 (>= 2.35), libegl1, libexpat1, libgl1, libpcsclite1, libstdc++6, libxcb1, pcscd, desktop-file-utils
Recommends: xdg-utils, fonts-noto-cjk | fonts-japanese-gothic, libwayland-client0, libwayland-cursor0
Conflicts: mykey-reader-bridge
"""
PACKAGES = {"wheel": ("mykey-reader-bridge", "all", FOR_WHEEL), "folder": ("mykey-bridge", "amd64", FOR_FOLDER)}
LAID_OUT = {"wheel": from_wheel, "folder": from_folder}

if __name__ == "__main__":
    main(*sys.argv[1:])
