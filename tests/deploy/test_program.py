"""What is frozen; the frozen program itself is tried by `make test-roots`."""

from pathlib import Path
from runpy import run_path

import pytest

PROGRAM = run_path("deploy/bridge/program.py")


@pytest.mark.parametrize(
    ("found", "left"),
    [
        ({"LD_LIBRARY_PATH": "/app/_internal"}, {}),
        ({"LD_LIBRARY_PATH": "/app/_internal", "LD_LIBRARY_PATH_ORIG": ""}, {}),
        ({"LD_LIBRARY_PATH": "/app/_internal:/opt", "LD_LIBRARY_PATH_ORIG": "/opt"}, {"LD_LIBRARY_PATH": "/opt"}),
        ({"PATH": "/bin"}, {"PATH": "/bin"}),
    ],
)
def test_what_is_started_gets_the_library_path_of_the_system(found, left):
    PROGRAM["restore_library_path"](found)
    assert found == left


def test_the_process_for_pcsc_is_told_by_the_name_under_which_it_is_started():
    source = Path("reader_bridge/readers/pcsc_process.py").read_text("utf-8")
    assert 'Path(__file__).with_name("worker.py")' in source
    assert PROGRAM["_WORKER"] == "reader_bridge/readers/worker.py"
