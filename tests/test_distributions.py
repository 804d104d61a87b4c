"""Two distributions from one repository: what each wheel contains and requires."""

import os
import shutil
import subprocess
import sys
import tomllib
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from reader_bridge import __version__

ROOT = Path(__file__).parents[1]
PROJECTS = {"mykey_portal": ROOT, "mykey_reader_bridge": ROOT / "reader_bridge"}
PACKAGES = {"mykey_portal": "portal", "mykey_reader_bridge": "reader_bridge"}
BESIDE = {"__pycache__", "licenses", "pyproject.toml"}  # in the folder of a package, and no part of it


def sources(package):
    """Return the files of a package as Git knows them or will, relative to the root."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", package]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return {name for name in listed if name and (ROOT / name).is_file() and not BESIDE & set(Path(name).parts)}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Build both wheels out of copies, with the tools that are here: no registry is asked."""
    place = tmp_path_factory.mktemp("wheels")
    for package in PACKAGES.values():
        for name in sources(package) | {"pyproject.toml", "MANIFEST.in", "LICENSE", "NOTICE"}:
            copy(name, place)
    shutil.copytree(ROOT / "docs", place / "docs")
    (place / "portal" / "docs").symlink_to("../docs")
    for name in ("pyproject.toml", "licenses/LICENSE", "licenses/NOTICE"):
        copy(f"reader_bridge/{name}", place)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    for project in PROJECTS.values():
        subprocess.run([*pip, "--wheel-dir", place, place / project.relative_to(ROOT)], check=True, capture_output=True)
    return {path.name.split("-")[0]: ZipFile(path) for path in place.glob("*.whl")}


def copy(name, place):
    (place / name).parent.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes((ROOT / name).read_bytes())


def metadata(wheel):
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(wheel.read(name).decode())


def required(project):
    return tomllib.loads((PROJECTS[project] / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]


@pytest.mark.parametrize("project", PROJECTS)
def test_a_wheel_holds_its_package_and_nothing_else(wheels, project):
    inside = {name for name in wheels[project].namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in inside} == {PACKAGES[project]}
    assert sources(PACKAGES[project]) <= inside
    assert not [name for name in inside if "virtual" in name]


def test_the_wheel_of_the_portal_holds_the_documents_for_its_help(wheels):
    assert (ROOT / "portal" / "docs").readlink() == Path("../docs")
    inside = {name.removeprefix("portal/") for name in wheels["mykey_portal"].namelist()}
    documents = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "pictures" / "help").glob("*")]
    assert {file.relative_to(ROOT).as_posix() for file in documents} <= inside


def test_an_installed_wheel_shows_its_help(wheels, tmp_path):
    """What was unpacked stands before the clone on the path, and is run from elsewhere."""
    wheels["mykey_portal"].extractall(tmp_path / "installed")
    program = """
import sys, portal
from pathlib import Path
from portal import create_app
from portal.config import Settings
settings = Settings(instance=Path("instance"), origin="http://localhost:8000", database_url="sqlite:///x.sqlite3")
client = create_app(settings, demo_reader="http://localhost:1").test_client()
print(portal.__file__, [client.get(f"/help{name}", base_url=settings.origin).status_code for name in sys.argv[1:]])
"""
    names = sorted(file.name.removesuffix(".ja.md") for file in (ROOT / "docs").glob("*.ja.md"))
    asked = ["", *(f"/{name}" for name in names)]
    command = [sys.executable, "-c", program, *asked]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True, text=True)
    assert done.stdout == f"{tmp_path / 'installed' / 'portal' / '__init__.py'} {[200] * len(asked)}\n"


@pytest.mark.parametrize("project", PROJECTS)
def test_a_wheel_names_the_one_version_and_carries_the_licence(wheels, project):
    told = metadata(wheels[project])
    assert told["Version"] == __version__
    assert {Path(name).name for name in told.get_all("License-File")} == {"LICENSE", "NOTICE"}


def test_neither_distribution_needs_the_other(wheels):
    for project, wheel in wheels.items():
        needs = " ".join(metadata(wheel).get_all("Requires-Dist"))
        assert "mykey" not in needs
        assert all(name.split(">")[0] in needs for name in required(project))


def test_the_bridge_needs_three_packages(wheels):
    needs = metadata(wheels["mykey_reader_bridge"]).get_all("Requires-Dist")
    needs = [each for each in needs if "; extra ==" not in each]
    assert {each.split("<")[0].split(">")[0] for each in needs} == {"click", "cryptography", "pyscard"}


def test_each_command_comes_with_its_own_distribution(wheels):
    for project, commands in (("mykey_portal", ["mykey"]), ("mykey_reader_bridge", ["reader-bridge", "mykey-bridge"])):
        [name] = [name for name in wheels[project].namelist() if name.endswith("entry_points.txt")]
        lines = wheels[project].read(name).decode().splitlines()
        assert [line.split(" ")[0] for line in lines if " = " in line] == commands
