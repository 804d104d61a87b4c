"""The installers on offer: what is none is refused, and what is on offer is whole."""

import errno
import hashlib
import os
import socket

import pytest

from portal import downloads
from portal.domain.errors import CommandRefused
from portal.downloads import Downloads
from tests.portal.actors.installers import NAMES, installer

DEB = "mykey-bridge_1.2.0_amd64.deb"


@pytest.fixture
def desk(tmp_path):
    """A folder of the operator's, where the files of a release lie."""
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "downloads"


@pytest.fixture
def publish(folder):
    """Publish files; return the names on offer then, or the code of what is refused."""

    def run(*files):
        try:
            Downloads(folder).publish(files)
        except CommandRefused as error:
            return error.code
        return on_offer(folder)

    return run


@pytest.fixture(autouse=True)
def umask():
    """Leave the mask of new files to the other tests as it was."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def on_offer(folder):
    return [each.file for each in Downloads(folder).all()]


def test_a_release_is_on_offer_as_it_was_given(publish, folder, desk):
    files = [installer(desk, name, filling=name.encode()) for name in NAMES]
    os.umask(0o077)  # as the command has it
    assert publish(*files) == [file.name for file in files]
    for file in files:
        kept = folder / f"{file.name}.{hashlib.sha256(file.read_bytes()).hexdigest()}"
        assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (file.read_bytes(), 0o644)
    assert len(list(folder.iterdir())) == len(files)
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("version", ["1.3.0", "1.2.0", "0.9.9"])
def test_one_takes_the_place_of_what_there_was_of_its_kind_whichever_is_newer(publish, folder, desk, version):
    publish(installer(desk), installer(desk, NAMES[5]))
    publish(installer(desk, version=version, filling=b"built anew"))
    assert on_offer(folder) == [DEB.replace("1.2.0", version), NAMES[5].format("1.2.0")]
    assert len(list(folder.iterdir())) == 2


def test_the_same_file_once_more_changes_nothing(publish, folder, desk):
    for _ in range(2):
        publish(installer(desk))
    assert len(list(folder.iterdir())) == 1


def test_of_two_that_a_power_cut_left_the_one_published_last_is_on_offer(folder, desk):
    folder.mkdir()
    for moment, version in enumerate(("10.0.0", "9.9.9")):
        file = installer(desk, version=version).rename(folder / f"{DEB.replace('1.2.0', version)}.{'0' * 64}")
        os.utime(file, (moment, moment))
    assert on_offer(folder) == [DEB.replace("1.2.0", "9.9.9")]


@pytest.mark.parametrize(
    "name",
    [
        "mykey-bridge_1.2_amd64.deb",
        "mykey-bridge_1.2.0_amd64.deb.exe",
        "mykey-bridge_1.2.0_amd64.deb\n",
        "mykey-bridge_1.2.0\n_amd64.deb",
        "mykey-bridge_１.２.０_amd64.deb",
        "mykey-bridge_99999.0.0_amd64.deb",
        "MYKEY-BRIDGE_1.2.0_AMD64.DEB",
        "mykey-bridge-1.2.0-windows-x86-setup.exe",
        "..",
        ".",
        "secret.key",
    ],
)
def test_another_name_is_refused_whatever_is_in_it(publish, folder, desk, name):
    if "." not in {name, name[-1:]}:
        (desk / name).write_bytes(b"!<arch>\ndebian-binary")
    assert publish(desk / name) == "bridge-file-unknown"
    assert on_offer(folder) == []


@pytest.mark.parametrize("content", [b"", b"M", b"PK\x03\x04", b"<html>", b" !<arch>\ndebian-binary", b"!<arch>\n"])
@pytest.mark.parametrize("name", NAMES)
def test_what_its_name_does_not_promise_is_refused(publish, folder, desk, name, content):
    (desk / name.format("1.2.0")).write_bytes(content)
    assert publish(desk / name.format("1.2.0")) == "bridge-file-unusable"
    assert on_offer(folder) == []


def test_an_image_of_a_disk_says_so_at_its_end_alone(publish, desk):
    (desk / NAMES[2].format("1.2.0")).write_bytes(b"koly" + bytes(600))
    assert publish(desk / NAMES[2].format("1.2.0")) == "bridge-file-unusable"


def link(place, desk):
    place.symlink_to(installer(desk, version="1.1.0"))


def unix_socket(place, _desk):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(place.name)  # in this folder: a whole path may be longer than a socket's name


@pytest.mark.parametrize(
    "make",
    [
        link,
        unix_socket,
        lambda place, _: place.symlink_to(place),
        lambda place, _: place.mkdir(),
        lambda place, _: os.mkfifo(place),
        lambda _place, _: None,
    ],
    ids=["link", "socket", "circle", "folder", "pipe", "nothing"],
)
def test_what_is_no_ordinary_file_is_refused_and_waits_for_nobody(publish, folder, desk, make, monkeypatch):
    monkeypatch.chdir(desk)
    make(desk / DEB, desk)
    assert publish(desk / DEB) == "bridge-file-unusable"
    assert on_offer(folder) == []


def test_a_file_that_is_too_large_is_refused(publish, desk, monkeypatch):
    monkeypatch.setattr(downloads, "LARGEST", 1000)
    monkeypatch.setattr(downloads, "CHUNK", 100)
    assert publish(installer(desk, filling=bytes(1001))) == "bridge-file-unusable"


def test_two_versions_of_one_kind_are_not_on_offer_together(publish, folder, desk):
    assert publish(installer(desk), installer(desk, version="1.3.0")) == "bridge-file-unknown"
    assert on_offer(folder) == []


def test_one_bad_file_keeps_all_of_them_away_and_what_there_was_stays(publish, folder, desk):
    publish(installer(desk, version="1.1.0"))
    (bad := desk / NAMES[6].format("1.2.0")).write_bytes(b"")
    assert publish(installer(desk), bad) == "bridge-file-unusable"
    assert on_offer(folder) == [DEB.replace("1.2.0", "1.1.0")]
    assert len(list(folder.iterdir())) == 1


def test_a_full_disk_leaves_what_there_was(publish, folder, desk, monkeypatch):
    publish(installer(desk, version="1.1.0"))

    def full(_number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(downloads.os, "fsync", full)
    assert publish(installer(desk)) == "bridge-file-unusable"
    assert on_offer(folder) == [DEB.replace("1.2.0", "1.1.0")]
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_is_no_folder_is_told(publish, folder, desk):
    folder.write_text("in the way")
    assert publish(installer(desk)) == "bridge-file-unusable"
