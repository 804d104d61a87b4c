"""Guard what a stranger meets first: what is installed, what the README says, what is vendored."""

import hashlib
import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement

from portal.cli import main as mykey
from portal.config import Settings

ROOT = Path(__file__).parents[1]
PROJECT, BRIDGE = (
    tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8")) for folder in ("", "reader_bridge")
)
PLATFORMS = {
    "windows-x64": "win32",
    "windows-arm64": "win32",
    "macos-arm64": "darwin",
    "macos-x86_64": "darwin",
}
HASHED = ("demo", "postgresql", "test", "all", "lock", "app", *PLATFORMS)
OLDER = {"cryptography"}  # from 49 on none is built for Windows on ARM and for Intel Macs
READMES = ("README.md", "README.ja.md")
# Written in pieces, so that this file does not name what it looks for.
REGISTRIES = re.compile(
    "|".join(("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", "un" + r"pkg\.", "js" + "delivr"))
)
MACHINE_PATHS = re.compile(r"(?<![\w.*-])/(?:tmp|root|work|home)/")


def pins(name: str) -> dict[str, str]:
    """Return name and version line of each requirement, hashes left out."""
    lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([a-z0-9-]+)==[^\s;]+", line) for line in lines]
    return {match[1]: match[0] for match in found if match}


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w-]+", line)[0] for line in requirements}


def readme(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def code(text: str) -> str:
    return "\n".join(
        re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    )


@pytest.mark.parametrize("name", HASHED)
def test_every_requirement_is_pinned_with_hashes_and_nothing_else(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    line = r"[a-z0-9-]+==\S+(?: ; [^\n\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"(?:{line})+", text)


def test_the_requirements_hold_what_the_project_names():
    extras = [line for extra in PROJECT["project"]["optional-dependencies"].values() for line in extra]
    extras += BRIDGE["project"]["dependencies"]
    assert names(PROJECT["project"]["dependencies"]) <= pins("demo").keys()
    groups = PROJECT["dependency-groups"]
    tools = [line for line in groups["dev"] if isinstance(line, str)] + groups["test"]
    assert names(extras + tools) <= pins("all").keys()
    assert names(groups["test"]) <= pins("test").keys()
    assert names(PROJECT["dependency-groups"]["build"]) == pins("build-constraints").keys()


def test_portal_and_demo_run_on_the_versions_that_are_tested():
    for name in ("demo", "postgresql", "test"):
        assert pins(name).items() <= pins("all").items()


@pytest.mark.parametrize("name", PLATFORMS)
def test_everything_that_the_bridge_needs_has_a_wheel_for_windows_and_macos(name):
    """`make lock` writes these from wheels alone, and fails where one is missing; `make wheels` fetches them."""
    system = {"sys_platform": PLATFORMS[name], "platform_python_implementation": "CPython"}
    lines = (ROOT / "requirements" / "app.txt").read_text("utf-8").replace("\\\n    --hash=", "#").splitlines()
    needed = [Requirement(line.partition("#")[0]) for line in lines]
    needed = {
        each.name: f"{each.name}{each.specifier}" for each in needed if not each.marker or each.marker.evaluate(system)
    }
    bridge = BRIDGE["project"]["dependencies"] + BRIDGE["project"]["optional-dependencies"]["window"]
    assert names(bridge) <= needed.keys() == pins(name).keys()
    assert dict(needed.items() - pins(name).items()).keys() <= OLDER


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    assert files
    for file in files:
        text = file.read_bytes().decode("utf-8", "replace")
        assert not REGISTRIES.search(text), file
        assert file == Path(__file__) or not MACHINE_PATHS.search(text), file


@pytest.mark.parametrize("name", READMES)
def test_each_make_target_of_the_readme_exists(name):
    targets = set(re.findall(r"^([a-z]+):.*## ", readme("Makefile"), re.MULTILINE))
    wanted = set(re.findall(r"\bmake (?!python3)([a-z]+)", code(readme(name))))
    assert {"demo", "test"} <= wanted <= targets


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize("script", ["mykey", "reader-bridge"])
def test_each_command_of_the_readme_exists(name, script):
    module, _, attribute = (PROJECT["project"]["scripts"] | BRIDGE["project"]["scripts"])[script].partition(":")
    lines = re.findall(rf"^(?:\S*/)?{script} ([a-z].*)$", code(readme(name)), re.MULTILINE)
    assert lines
    for line in lines:
        command = getattr(importlib.import_module(module), attribute)
        for word in line.split():
            if isinstance(command, click.Group):
                command = command.commands[word]


def test_both_readmes_say_the_same():
    english, japanese = (readme(name) for name in READMES)
    shape = r"^(#+) "
    assert re.findall(shape, english, re.MULTILINE) == re.findall(shape, japanese, re.MULTILINE)
    fences = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
    assert fences.findall(english) == fences.findall(japanese)
    assert READMES[1] in english
    assert READMES[0] in japanese


def test_vendored_files_are_those_that_were_recorded():
    vendor = ROOT / "portal" / "static" / "vendor"
    sums = vendor / "SHA256SUMS"
    recorded = dict(reversed(line.split(maxsplit=1)) for line in sums.read_text().splitlines())
    files = [file for file in vendor.rglob("*") if file.is_file() and file != sums]
    assert {
        file.relative_to(vendor).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    } == recorded


def test_every_setting_is_in_the_operations_manual():
    written = set(re.findall(r"`MYKEY_([A-Z_]+)`", readme("docs/operations.md")))
    assert {name.upper() for name in Settings.model_fields} == written - {"CONFIG"}  # the file of the others


def test_every_command_is_in_the_operations_manual():
    manual = readme("docs/operations.md")
    for name, command in mykey.commands.items():
        for below in getattr(command, "commands", [""]):
            assert f"mykey {name} {below}".rstrip() in manual
