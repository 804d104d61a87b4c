import hashlib
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "portal" / "static" / "vendor"


def test_vendored_files_are_those_that_were_reviewed():
    listed = dict(reversed(line.split("  ", 1)) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    present = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.glob("*/*")
    }
    assert listed == present
