"""The image of deploy/container, built upon a Debian of our own and run with a read-only root (`make test-deploy`)."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.authority import Authority
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
IMAGE, USER = "localhost/mykey-portal", 10001
# The build's registry may stand behind an authority that the base does not know.
OF_THIS_MACHINE = [path for path in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf") if Path(path).exists()]
SETTINGS = 'origin = "https://id.example.jp"\nrevocation = "none"\n'
# Alone as far as this machine lets it: no group of the kernel's, no network but loopback, no limits to raise.
ALONE = "--cgroups=disabled --network=none --ulimit=nofile=4096:4096 --ulimit=nproc=4096:4096 --no-healthcheck"
AS_COMPOSED = "--read-only --cap-drop=all --security-opt=no-new-privileges --tmpfs=/tmp"


class Podman:
    """Podman and buildah with a store of their own, without cgroup2, which crun refuses beside cgroup1."""

    def __init__(self, folder):
        self.store = ["--root", folder / "store", "--runroot", folder / "run", "--storage-driver=vfs"]

    def __call__(self, *command, program="podman", check=True):
        more = ["--cgroup-manager=cgroupfs"] if program == "podman" else []
        apart = ["unshare", "--mount", "sh", "-c", 'umount /sys/fs/cgroup/unified 2>/dev/null; "$@"', "sh"]
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 800}
        done = subprocess.run([*apart, program, *self.store, *more, *command], check=False, cwd=ROOT, **said)
        assert done.returncode == 0 or not check, done.stdout
        return done.stdout

    def build(self):
        base = self("from", "scratch", program="buildah").strip()
        self("add", "--quiet", base, "build/roots/image.tar", program="buildah")
        self("commit", "--quiet", base, "localhost/base", program="buildah")
        ours = [f"--volume={path}:{path}:ro" for path in OF_THIS_MACHINE]
        how = ["--isolation=chroot", "--layers=false", "--format=docker", "--build-arg=BASE=localhost/base", *ours]
        self("bud", *how, "--file=deploy/container/Containerfile", f"--tag={IMAGE}", ".", program="buildah")


@pytest.fixture(scope="module")
def podman(tmp_path_factory):
    for program in ("podman", "buildah", "crun"):
        assert shutil.which(program), f"{program} is needed: sudo apt-get install -y podman buildah crun"
    podman = Podman(tmp_path_factory.mktemp("containers"))
    podman.build()
    return podman


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    now = datetime.now(UTC)
    dates = {"not_before": now - timedelta(days=9), "not_after": now + timedelta(days=2000)}
    for name in ("data/trust", "backups"):
        (folder / name).mkdir(parents=True)
    (folder / "data/portal.toml").write_text(SETTINGS, "utf-8")
    (folder / "data/trust/authca.pem").write_bytes(Authority.create(organisation="JPKI", **dates).pem())
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USER, USER)
    return folder


@pytest.fixture(scope="module")
def running(podman, data):
    volumes = [f"--volume={data / name}:/{name}" for name in ("data", "backups")]
    podman("run", "--detach", "--name=portal", *ALONE.split(), *AS_COMPOSED.split(), *volumes, IMAGE)
    wait_until(lambda: "is served at" in podman("logs", "portal"), 60)
    return podman


def test_the_image_asks_readyz_whether_it_is_well(running):
    [image] = json.loads(running("image", "inspect", IMAGE))
    kind, *command = image["Healthcheck"]["Test"]
    assert kind == "CMD"
    assert any("/readyz" in word for word in command)
    running("exec", "portal", *command)


def test_it_is_nobody_with_a_root_that_cannot_be_written(running):
    assert running("exec", "portal", "id", "-u").strip() == str(USER)
    assert "Read-only file system" in running("exec", "portal", "sh", "-c", "touch /opt/one 2>&1; true")
    status = running("exec", "portal", "cat", "/proc/1/status")
    assert set(re.findall(r"^Cap\w+:\s+(\S+)", status, re.MULTILINE)) == {"0" * 16}


def test_its_commands_know_its_settings(running, data):
    assert "https://id.example.jp" in running("exec", "portal", "mykey", "config")
    running("exec", "portal", "mykey", "backup")
    assert len(list((data / "backups").glob("mykey-*.tar"))) == 1


def test_on_sigterm_it_ends_in_order(running):
    running("stop", "--time=15", "portal")
    [container] = json.loads(running("inspect", "portal"))
    assert container["State"]["ExitCode"] == 0
    running("start", "portal")
    wait_until(lambda: running("logs", "portal").count("is served at") == 2, 60)
    running("rm", "--force", "--time=15", "portal")
