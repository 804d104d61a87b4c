"""A Debian server that boots: systemd as its first process, in namespaces of its own, without a network."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.waiting import wait_until

PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
BOOT = "systemd-nspawn --quiet --boot --register=no --keep-unit --private-network --directory"


class Server:
    """Made out of an archive of mmdebstrap's, and known under names; what runs in it ends with it."""

    def __init__(self, archive, *names):
        self.folder = Path(tempfile.mkdtemp(prefix="server"))
        self.folder.chmod(0o755)
        subprocess.run(["tar", "--extract", "--file", archive, "--directory", self.folder], check=True)
        self.write("/etc/hosts", f"127.0.0.1 localhost {' '.join(names)}\n")
        self.boot()

    def boot(self):
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen([*BOOT.split(), self.folder], **quiet)
        wait_until(lambda: self.first() and self("systemctl", "list-jobs", ends=None) == "No jobs running.\n", 60)

    def first(self):
        """Return the number of its first process, as the machine counts."""
        assert self._process.poll() is None, "systemd-nspawn ended: is this root?"
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return next((each for each in children if Path(f"/proc/{each}/comm").read_text() == "systemd\n"), None)

    def __call__(self, *command, ends=0, **environment):
        """Run a command as root, which must end with this status (None: any), and return what it said."""
        enter = ["nsenter", "--target", self.first(), "--all", "--wdns=/root"]
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 200}
        done = subprocess.run([*enter, *command], check=False, env=PATH | environment, **said)
        assert ends in {done.returncode, None}, done.stdout
        return done.stdout

    def write(self, path, text):
        file = self.folder / path.lstrip("/")
        file.write_text(text, "utf-8")

    def read(self, path):
        return (self.folder / path.lstrip("/")).read_text("utf-8")

    def bring(self, file):
        shutil.copy(file, self.folder / "opt")
        return Path(file).name

    def halt(self):
        self._process.terminate()
        self._process.wait(120)

    def close(self):
        self.halt()
        shutil.rmtree(self.folder)
