"""The portal's Debian package, without its wheels: what lies where, and what its scripts are."""

import subprocess
from pathlib import Path

import pytest

from deploy.deb import pack
from deploy.portal.deb import FIELDS, NAME, lay_out

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deb")
    for name in ("installed/portal/__init__.py", "installed/bin/mykey", "installed/portal/__pycache__/__init__.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    lay_out(folder / "tree", folder / "installed")
    return folder / "tree"


def test_it_is_packed_and_asks_for_the_python_of_its_wheels(tree, tmp_path):
    package = pack(tree, NAME, "amd64", FIELDS, tmp_path)
    told = subprocess.run(["dpkg-deb", "--field", package, "Depends"], check=True, capture_output=True, text=True)
    assert told.stdout.startswith("python3 (>= 3.1")
    listed = subprocess.run(["dpkg-deb", "--contents", package], check=True, capture_output=True, text=True).stdout
    assert {line.split()[1] for line in listed.splitlines()} == {"root/root"}


def test_nothing_of_pip_is_in_it(tree):
    inside = [path.relative_to(tree).as_posix() for path in (tree / "usr/lib/mykey-portal").rglob("*")]
    assert inside == ["usr/lib/mykey-portal/portal", "usr/lib/mykey-portal/portal/__init__.py"]


def test_every_unit_is_in_it(tree):
    units = {unit.name for pattern in ("*.service", "*.timer") for unit in (ROOT / "deploy/systemd").glob(pattern)}
    placed = {path.name for path in (tree / "usr/lib/systemd/system").iterdir()}
    assert placed == units | {"mykey.service.d", "mykey-.service.d"}


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_its_scripts_can_be_read(tree, script):
    subprocess.run(["sh", "-n", tree / "DEBIAN" / script], check=True)
    assert (tree / "DEBIAN" / script).stat().st_mode & 0o777 == 0o755


def test_its_caddyfile_is_for_the_caddy_of_debian(tree):
    text = (tree / "usr/share/mykey-portal/Caddyfile").read_text("utf-8")
    assert "request_buffers 64KiB" not in text
    assert "buffer_requests" in text
