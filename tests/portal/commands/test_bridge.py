"""`mykey bridge publish`: what is on offer, told with the digest to compare."""

import hashlib

from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.installers import NAMES, installer

DEB = "mykey-bridge_1.2.0_amd64.deb"


def test_what_is_published_is_told_with_its_digest_and_what_is_withdrawn_by_its_name(typed, told, tmp_path):
    files = (file := installer(tmp_path)), installer(tmp_path, NAMES[6])
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    done = typed("bridge", "publish", *files)
    assert (done.status, done.out.splitlines()[0]) == (0, f"{digest}  {file.stat().st_size}  {DEB} is on offer.")
    assert told("bridge", "publish", "--withdraw", DEB, "secret.key") == "bridge-file-unknown"
    assert told("bridge", "publish", "--withdraw", f"elsewhere/{DEB}")[0]["sha256"] == digest
    assert told("bridge", "publish", "--withdraw", DEB) == "bridge-file-unknown"
    assert f"{NAMES[6].format('1.2.0')} is withdrawn." in typed("bridge", "publish", "--withdraw", files[1]).out


def test_a_file_that_is_refused_is_told_with_what_may_be_given(typed, tmp_path):
    done = typed("bridge", "publish", tmp_path / "bridge.exe")
    assert (done.status, "bridge.exe is no installer" in done.err, "-windows-x64-setup.exe" in done.err) == (
        1,
        True,
        True,
    )
    done = typed("bridge", "publish", tmp_path / DEB)
    assert (done.status, done.err.endswith(f"{DEB}: No such file or directory.")) == (1, True)
    (tmp_path / DEB).symlink_to(installer(tmp_path, NAMES[6]))
    done = typed("bridge", "publish", tmp_path / DEB)
    assert (done.status, done.err.endswith("symbolic links. Give ordinary files, and no links.")) == (1, True)
