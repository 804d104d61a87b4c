"""The real PC/SC daemon with a virtual reader, in a namespace of its own; cards stay in this process."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from demo.virtual_card import vpcd

HERE = Path(__file__).parent
CONFIGURATION = """FRIENDLYNAME "Virtual PCD"
DEVICENAME /dev/null:0x8C7B
LIBPATH /usr/lib/pcsc/drivers/serial/libifdvpcd.so
CHANNELID 0x8C7B
"""
PATIENCE = 10.0


class Daemon:
    """`environment` points a client process here; one card at a time is in the reader."""

    def __init__(self, *, with_reader=True):
        self.directory = Path(tempfile.mkdtemp(prefix="pcsc"))
        self.environment = {"PCSCLITE_CSOCK_NAME": str(self.directory / "pcscd.comm")}
        self._with_reader = with_reader
        self._process = None
        self._slot = None

    def start(self):
        self._seen = Counter()
        configuration = self.directory / "reader.conf.d"
        configuration.mkdir(exist_ok=True)
        if self._with_reader:
            (configuration / "vpcd").write_text(CONFIGURATION)
        inside = ["sh", HERE / "namespace.sh", self.directory, configuration, HERE / "relay.py", sys.executable]
        command = ["unshare", "-rmnp", "--fork", "--kill-child", *inside]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)
        wait_until(lambda: all((self.directory / name).exists() for name in ("pcscd.comm", "reader")))

    def stop(self):
        """Stop daemon and reader: they live in a namespace that ends with its first process."""
        try:
            self.remove()
        finally:
            self._process.kill()
            self._process.communicate()
        for name in ("pcscd.comm", "pcscd.pid", "reader"):
            (self.directory / name).unlink(missing_ok=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.directory)

    def insert(self, card):
        """Put a card in and wait until the daemon has powered it."""
        self.remove()
        slot = socket.socket(socket.AF_UNIX)
        slot.connect(str(self.directory / "reader"))
        thread = threading.Thread(target=vpcd.serve, args=(card, slot))
        thread.start()
        self._slot = card, slot, thread
        self._wait_for("Card inserted into")
        return card

    def remove(self):
        """Pull the card out, if there is one."""
        if self._slot is None:
            return
        _, slot, thread = self._slot
        self._slot = None
        with contextlib.suppress(OSError):
            slot.shutdown(socket.SHUT_RDWR)
        thread.join()
        self._wait_for("Card Removed From")

    def trace(self):
        """Return what the card in the reader was asked and answered."""
        return self._slot[0].trace

    def run(self, *command):
        """Run a client program and return what it prints."""
        environment = os.environ | self.environment
        return subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60).stdout

    def _wait_for(self, event):
        """Wait until the daemon has seen as many events of this kind as there were: it looks but every 0.4 s."""
        self._seen[event] += 1
        log = self.directory / "pcscd.log"
        wait_until(lambda: log.read_text().count(event) >= self._seen[event])


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the PC/SC daemon does not do what it should"
        time.sleep(0.02)
