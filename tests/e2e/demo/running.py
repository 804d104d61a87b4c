import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


class RunningDemo:
    """`python -m demo` as a newcomer starts it, but on ports and in a folder of its own."""

    def __init__(self, instance, **environment):
        self.instance = instance
        self._environment = {**os.environ, "DISPLAY": ":0", "PYTHONUTF8": "1", **environment}

    def __enter__(self):
        self._errors = (self.instance / "stderr").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "demo", "--no-browser", "--port", "0", "--instance", self.instance],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )
        self.said = ""
        while "==\n" not in self.said.partition("http://")[2]:
            line = self.process.stdout.readline()
            assert line, self._read_errors()
            self.said += line
        self.origin = re.search(r"http://\S+", self.said)[0]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.said += self.process.communicate(timeout=10)[0]
        errors = self._read_errors()
        self._errors.close()
        assert errors == "", errors  # said, since a test that failed may be the reason
        assert self.process.returncode == 0

    def _read_errors(self):
        self._errors.seek(0)
        return self._errors.read()
