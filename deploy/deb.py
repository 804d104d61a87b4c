"""What the Debian packages of bridge and portal share: how a tree is described and packed."""

import subprocess
from pathlib import Path

from reader_bridge import __version__

ROOT = Path(__file__).parents[1]
LICENCE = "\nOn Debian systems the whole Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.\n"


def pack(tree: Path, name: str, architecture: str, fields: str, dist: Path = ROOT / "dist") -> Path:
    """Have dpkg-deb pack the tree into a file: the same tree gives the same package (SOURCE_DATE_EPOCH)."""
    write(tree / "usr/share/doc" / name / "copyright", (ROOT / "NOTICE").read_text("utf-8") + LICENCE)
    write(tree / "DEBIAN/control", control(tree, name, architecture, fields))
    for path in (tree, *tree.rglob("*")):  # whatever the builder's umask
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    package = dist / f"{name}_{__version__}_{architecture}.deb"
    dist.mkdir(exist_ok=True)
    draft = package.with_suffix(".draft")  # one that is there is whole
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, draft], check=True)  # noqa: S603, S607
    return draft.replace(package)


def control(tree: Path, name: str, architecture: str, fields: str) -> str:
    """Write the control file (Debian Policy 5.3)."""
    size = sum(file.stat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    return (
        f"Package: {name}\nVersion: {__version__}\nArchitecture: {architecture}\nInstalled-Size: {size}\n"
        f"Maintainer: The MyKey Portal authors <mykey@invalid>\nPriority: optional\n{fields}"
    )


def write(file: Path, text: str, mode: int = 0o644) -> None:
    """Write a file of the tree."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    file.chmod(mode)
