"""Guard the floors that docs/architecture.md draws: imports go down only."""

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Lowest first; rooms on one floor do not import each other, the top floor is one room.
FLOORS = {
    "portal": (
        {"domain", "config"},
        {"pki", "settings_file", "limiter", "refusal_counts", "downloads"},
        {"models", "gateways", "startup_checks", "read_only"},
        {"transactions", "group_commit", "migrations"},
        {"services", "extensions"},
        {"container"},
        {"web"},
        {"routes"},
        {"__init__", "application", "cli", "commands", "serving", "__main__"},
    ),
    "reader_bridge": (
        {"__init__", "errors"},
        {"words", "card"},
        {"portal", "readers"},
        {"conversation", "terminal", "desktop"},
        {"cli", "window", "__main__"},
    ),
}
NETWORK = {"asyncio", "http.client", "http.server", "socket", "socketserver", "ssl", "urllib.request"}
WAYS_OUT = {
    "portal/serving/server.py",
    *(f"reader_bridge/portal/{way}.py" for way in ("client", "way_out", "bounded_reply")),
}
SOURCES = [path.relative_to(ROOT) for package in FLOORS for path in sorted((ROOT / package).rglob("*.py"))]


def imports(source: Path) -> Iterator[str]:
    """Yield each dotted name that a file imports; `from a import b` counts as `a.b`."""
    package = source.parent.parts
    for node in ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = list(package[: len(package) - node.level + 1]) if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def room(name: str) -> str:
    """Name the room of a dotted name within its package; what is neither file nor folder stands in `__init__`."""
    package, _, rest = name.partition(".")
    first = rest.partition(".")[0]
    there = (ROOT / package / f"{first}.py").is_file() or (ROOT / package / first).is_dir()
    return first if there else "__init__"


def floor(package: str, room: str) -> int:
    for number, rooms in enumerate(FLOORS[package]):
        if room in rooms:
            return number
    pytest.fail(f"{package}/{room} stands on no floor: give it one in {Path(__file__).name}")


def within(name: str, allowed: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in allowed)


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_imports_go_down_only(source):
    package = source.parts[0]
    here = room(".".join(source.with_suffix("").parts))
    top = len(FLOORS[package]) - 1
    for name in imports(source):
        if within(name, {package}) and (there := room(name)) != here:
            below = floor(package, there) < floor(package, here)
            assert below or floor(package, here) == top, f"{source} imports {name}"


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_neither_the_other_package_nor_the_demo_is_imported(source):
    others = {"portal", "reader_bridge", "demo", "tests", "bench"} - {source.parts[0]}
    assert [name for name in imports(source) if within(name, others)] == []


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_sockets_open_in_the_ways_out_only(source):
    may = source.parts[:2] == ("portal", "gateways") or source.as_posix() in WAYS_OUT
    assert may or [name for name in imports(source) if within(name, NETWORK)] == []


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_flask_and_the_card_library_keep_to_their_rooms(source):
    tops = {name.partition(".")[0] for name in imports(source)}
    if source.parts[0] != "portal" or room(".".join(source.with_suffix("").parts)) not in {
        "routes", "web", "cli", "commands", "serving", "__init__", "application", "extensions",
    }:  # fmt: skip
        assert {top for top in tops if top.startswith("flask")} == set()
    if source.as_posix() != "reader_bridge/readers/worker.py":
        assert "smartcard" not in tops
    assert "PySide6" not in tops or source.parts[:2] == ("reader_bridge", "window")


def test_the_domain_needs_the_standard_library_alone():
    allowed = {*sys.stdlib_module_names, "portal.domain"}
    for source in SOURCES:
        if source.parts[:2] == ("portal", "domain"):
            assert [name for name in imports(source) if not within(name, allowed)] == [], source


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_is_built_and_in_the_picture(package):
    picture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in set().union(*FLOORS[package]) - {"__main__"}:
        assert (ROOT / package / f"{name}.py").is_file() or (ROOT / package / name).is_dir(), name
        assert re.search(rf"\b{name}\b", picture), name


@pytest.mark.parametrize("top", [*FLOORS, "demo", "tests", "bench", "deploy", "examples"])
def test_no_folder_has_more_files_than_one_look_takes_in(top):
    """At most fifteen side by side; a file that only makes a folder a package is empty, and does not count."""
    there = [each for each in (ROOT / top).rglob("*") if each.is_file() and each.suffix != ".pyc"]
    beside = Counter(each.parent for each in there if each.stat().st_size)
    assert [folder for folder, files in beside.items() if files > 15] == []


WINGS = {"card", "citizen", "counter", "providers", "operation"}


@pytest.mark.parametrize("floor", ["services", "routes"])
def test_a_wing_imports_no_other_wing(floor):
    """A wing knows itself, what all wings write (`record`), `web`, and the floors below."""
    folder = ROOT / "portal" / floor
    assert {each.name for each in folder.iterdir() if (each / "__init__.py").is_file()} - {"record"} == WINGS
    crossing = [
        f"{source} imports {name}"
        for source in SOURCES
        if source.parts[:2] == ("portal", floor) and len(source.parts) > 3
        for name in imports(source)
        if name.startswith(("portal.services.", "portal.routes."))
        and (wing := name.split(".")[2]) in WINGS
        and wing != source.parts[2]
    ]
    assert crossing == []
