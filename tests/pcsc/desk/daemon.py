"""The real PC/SC daemon with a virtual reader, in a namespace of its own; cards stay in this process."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

from demo.virtual_card import vpcd
from tests.waiting import wait_until

HERE = Path(__file__).parent
CONFIGURATION = b"""FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID 0x8C7B
"""


class Daemon:
    """`environment` points a client process here; one card at a time is in the reader."""

    def __init__(self, *, with_reader=True, name=b"Virtual PCD"):
        self.directory = Path(tempfile.mkdtemp(prefix="pcsc"))
        self.environment = {"PCSCLITE_CSOCK_NAME": str(self.directory / "pcscd.comm")}
        self.with_reader, self._name = with_reader, name
        self._process = None
        self._slots = {}

    def start(self):
        self._seen = Counter()
        configuration = self.directory / "reader.conf.d"
        configuration.mkdir(exist_ok=True)
        reader = CONFIGURATION.replace(b"Virtual PCD", self._name) if self.with_reader else b""
        (configuration / "vpcd").write_bytes(reader)
        inside = ["sh", HERE / "namespace.sh", self.directory, configuration, HERE / "relay.py", sys.executable]
        command = ["unshare", "-rmnp", "--fork", "--kill-child", *inside]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)
        wait_until(lambda: all((self.directory / name).exists() for name in ("pcscd.comm", "reader", "second")))

    def stop(self):
        """Stop daemon and reader, whatever they do: they live in a namespace that ends with its first process."""
        self._process.kill()
        self._process.communicate()
        for slot in list(self._slots):
            self._end(slot)
        for name in ("pcscd.comm", "pcscd.pid", "reader", "second"):
            (self.directory / name).unlink(missing_ok=True)

    def restart(self, *, with_reader=True):
        """Stop and start again, with the reader or without: vpcd's cannot go while the daemon runs."""
        self.stop()
        self.with_reader = with_reader
        self.start()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory)

    def insert(self, card, slot=0):
        """Put a card into one of the two slots and wait until the daemon has powered it."""
        self._pull(slot)
        way = socket.socket(socket.AF_UNIX)
        way.connect(str(self.directory / ("reader", "second")[slot]))
        thread = threading.Thread(target=vpcd.serve, args=(card, way))
        thread.start()
        self._slots[slot] = card, way, thread
        self._wait_for(
            "Card ATR: "
        )  # "Card inserted into" is not said of one that lies there at the daemon's first look
        return card

    def remove(self):
        """Pull out every card."""
        for slot in list(self._slots):
            self._pull(slot)

    def _pull(self, slot):
        if slot in self._slots:
            self._end(slot)
            self._wait_for("Card Removed From")

    def _end(self, slot):
        """Cut a card off; only then may one that keeps silent speak."""
        card, way, thread = self._slots.pop(slot)
        with contextlib.suppress(OSError):
            way.shutdown(socket.SHUT_RDWR)
        getattr(card, "let_go", lambda: None)()
        thread.join()

    def trace(self):
        """Return what the card in the first slot was asked and answered."""
        return self._slots[0][0].trace

    def run(self, *command):
        """Run a client program and return what it prints."""
        environment = os.environ | self.environment
        return subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60).stdout

    def _wait_for(self, event):
        """Wait until the daemon has seen as many events of this kind as there were: it looks but every 0.4 s."""
        self._seen[event] += 1
        log = self.directory / "pcscd.log"
        wait_until(lambda: log.read_text(errors="replace").count(event) >= self._seen[event])
