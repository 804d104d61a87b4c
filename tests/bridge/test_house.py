"""The bridge's house: few rooms side by side, and its tests beside them."""

from pathlib import Path

import pytest

BRIDGE = Path("reader_bridge")


def rooms(folder):
    return {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}


def test_at_most_twelve_rooms_are_side_by_side():
    assert len(rooms(BRIDGE)) <= 12


@pytest.mark.parametrize("folder", [path.parent for path in BRIDGE.glob("*/__init__.py")], ids=str)
def test_no_folder_has_more_than_fifteen_files_and_each_has_its_tests(folder):
    tests = Path("tests/bridge") / folder.name
    assert list(tests.glob("test_*.py"))
    assert max(len(list(each.glob("*.py"))) for each in (folder, tests)) <= 15
