"""`reader-bridge terminal enrol` and `terminal run`, as programs at the virtual reader."""

import os
import signal
import subprocess
import sys
import threading

from tests.waiting import wait_until

SENT = "was read and sent to the portal"


class Running:
    """`reader-bridge terminal run` in a process of its own; `said` holds its lines as they come."""

    def __init__(self, command, environment):
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(command, **streams, env=environment, text=True)
        self.said = []
        self._reading = threading.Thread(target=lambda: self.said.extend(iter(self._line, "")))
        self._reading.start()

    def _line(self):
        return self.process.stdout.readline()

    def waits_for(self, words, times=1):
        wait_until(lambda: sum(words in line for line in self.said) >= times)

    def end(self, signal_number=signal.SIGTERM):
        """Tell it to end; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        code = self.process.wait(timeout=20)
        self._reading.join()
        self.process.stdout.close()
        return code


class TerminalBridge:
    """The bridge of one terminal, with its settings in a folder of its own."""

    def __init__(self, origin, place, daemon):
        self.origin, self.running = origin, None
        places = {"MYKEY_BRIDGE_SETTINGS": str(place / "bridge.toml"), "XDG_RUNTIME_DIR": str(place)}
        self._environment = os.environ | daemon.environment | places

    def enrol(self, code):
        settings = {"env": self._environment, "text": True, "capture_output": True}
        command = _command("enrol", "--portal", self.origin)
        return subprocess.run(command, input=f"y\n{code.lower()}\n", check=False, **settings)

    def run(self):
        self.running = Running(_command("run"), self._environment)
        return self.running

    def end(self):
        """Tell it to end, if it runs."""
        return self.running.end() if self.running else None


def _command(*arguments):
    return [sys.executable, "-m", "reader_bridge", "--lang", "en", "terminal", *arguments]
