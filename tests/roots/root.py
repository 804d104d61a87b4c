"""A clean Debian in a mount namespace of its own, and a citizen who lives in it."""

import shutil
import socket
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from demo.virtual_card import vpcd
from tests.waiting import wait_until

HERE = Path(__file__).parent
CITIZEN = {"HOME": "/srv/citizen", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": "/run/user/1000"}
PASSING = ("proc/", "dev/", "run/", "tmp/", "var/lib/dpkg/", "var/log/", "var/cache/")  # of the system's own books


class Root:
    """Made out of an archive of mmdebstrap's; what is started in it ends with it."""

    def __init__(self, archive):
        self.folder = Path(tempfile.mkdtemp(prefix="root"))
        self.folder.chmod(0o755)
        subprocess.run(["tar", "--extract", "--file", archive, "--directory", self.folder], check=True)
        command = ["unshare", "--mount", "sh", HERE / "enter.sh", self.folder]
        self._inside = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._inside.stdout.readline() == "entered\n"
        self._started = []

    def close(self):
        for process in [*self._started, self._inside]:
            process.kill()
            process.communicate()
        shutil.rmtree(self.folder)

    def _command(self, command, as_root):
        who = [] if as_root else ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"]
        return ["nsenter", f"--target={self._inside.pid}", "--mount", "--wdns=/", *who, *command]

    def run(self, *command, as_root=False, check=True, **environment):
        """Run a command inside as the citizen and return what it said; it must succeed, unless told otherwise."""
        settings = {"env": CITIZEN | environment, "capture_output": True, "text": True, "timeout": 120}
        if as_root:
            settings["env"] |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(self._command(command, as_root), check=False, **settings)
        assert done.returncode == 0 or not check, done
        return done

    def start(self, *command, as_root=False, **environment):
        """Start a program inside that ends with the root."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._started.append(subprocess.Popen(self._command(command, as_root), env=CITIZEN | environment, **quiet))
        return self._started[-1]

    def bring(self, file, to="/opt"):
        """Copy a file into the root and return its path there."""
        shutil.copy(file, self.folder / to.lstrip("/"))
        return f"{to}/{Path(file).name}"

    def files(self):
        """Return what lies in the root, and a sum of what is in it or where it leads."""
        found = {}
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if not name.startswith(PASSING):
                found[name] = str(path.readlink()) if path.is_symlink() else _content(path)
        return found

    @contextmanager
    def reader(self):
        """Run the root's pcscd with its virtual reader; yield what puts a card into it."""
        daemon = self.start("/usr/sbin/pcscd", "--foreground", as_root=True)
        wait_until(lambda: listens(vpcd.PORT))
        inserted = []

        def insert(card):
            way = vpcd.reach("127.0.0.1", vpcd.PORT)
            inserted.append((way, threading.Thread(target=vpcd.serve, args=(card, way))))
            inserted[-1][1].start()
            return card

        yield insert
        for way, thread in inserted:
            with suppress(OSError):
                way.shutdown(socket.SHUT_RDWR)
            thread.join()
        daemon.kill()
        daemon.communicate()


def _content(path):
    return crc32(path.read_bytes()) if path.is_file() else "folder"


def listens(port):
    """Look into the table of the kernel: vpcd would take a visit for a card."""
    return f":{port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()
