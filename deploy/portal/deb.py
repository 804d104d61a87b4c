"""Build a Debian package of the portal out of a folder into which its wheel and its requirements were installed."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.deb import ROOT, pack, write

NAME = "mykey-portal"
HERE, SYSTEMD = Path(__file__).parent, ROOT / "deploy" / "systemd"
UNITS = "usr/lib/systemd/system"
PLACES = {
    **{f"{UNITS}/{unit.name}": unit for pattern in ("*.service", "*.timer") for unit in SYSTEMD.glob(pattern)},
    f"{UNITS}/mykey.service.d/hardening.conf": SYSTEMD / "hardening.conf",
    f"{UNITS}/mykey-.service.d/hardening.conf": SYSTEMD / "hardening.conf",
    "usr/lib/sysusers.d/mykey.conf": SYSTEMD / "sysusers.conf",
    "usr/lib/tmpfiles.d/mykey.conf": SYSTEMD / "tmpfiles.conf",
    "usr/share/mykey-portal/nginx.conf": ROOT / "deploy" / "proxy" / "nginx.conf",
    **{f"usr/share/doc/{NAME}/{name}": ROOT / "docs" / name for name in ("self-hosting.md", "self-hosting.ja.md")},
}
PROGRAMS = {"usr/bin/mykey": "mykey", **{f"DEBIAN/{name}": name for name in ("postinst", "prerm", "postrm")}}
NEWER_CADDY = "request_buffers 64KiB"
CADDY_OF_DEBIAN = "buffer_requests\n\t\tmax_buffer_size 64KiB"  # 2.6.2
MAJOR, MINOR, _ = platform.python_version_tuple()
FIELDS = f"""\
Section: web
Depends: python3 (>= {MAJOR}.{MINOR}), python3 (<< {MAJOR}.{int(MINOR) + 1}), libc6 (>= 2.34), systemd
Recommends: caddy | nginx
Description: Turn the certificate on a My Number card into a MyKey ID
 A portal behind a TLS proxy, with its units for systemd. `mykey setup` asks
 for everything that it needs to know.
"""


def lay_out(tree: Path, installed: Path) -> None:
    """Put everything into its place in a folder that is new."""
    left_out = shutil.ignore_patterns("bin", "__pycache__", "RECORD")  # pip's list has hashes of where it was built
    shutil.copytree(installed, tree / "usr/lib/mykey-portal", ignore=left_out)
    for place, file in PLACES.items():
        write(tree / place, file.read_text("utf-8"))
    for place, name in PROGRAMS.items():
        write(tree / place, (HERE / name).read_text("utf-8"), 0o755)
    caddyfile = (ROOT / "deploy/proxy/Caddyfile").read_text("utf-8")
    if NEWER_CADDY not in caddyfile:
        raise ValueError(f"the Caddyfile has no {NEWER_CADDY}")
    write(tree / "usr/share/mykey-portal/Caddyfile", caddyfile.replace(NEWER_CADDY, CADDY_OF_DEBIAN))


def main(installed: str) -> None:
    """Lay the tree out, and pack it. The wheels are those of the Python that builds it, whose version is asked for."""
    tree = ROOT / "build" / "deb" / NAME
    shutil.rmtree(tree, ignore_errors=True)
    lay_out(tree, Path(installed))
    architecture = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout  # noqa: S607
    pack(tree, NAME, architecture.strip(), FIELDS)


if __name__ == "__main__":
    main(*sys.argv[1:])
