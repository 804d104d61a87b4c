"""A desktop of a test's own: an X server without a network, a window manager, and the window of our program on it."""

import os
import subprocess
import sys

from reader_bridge.words.language import Words
from reader_bridge.words.states import STATES
from tests.waiting import wait_until

PROGRAM = (sys.executable, "-c", "from reader_bridge.window import main; main()")
WORDS = Words("en")


class Screen:
    """`environment` is what a program needs to draw here."""

    def __init__(self, size="1024x600"):
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._server = subprocess.Popen(command, pass_fds=[write], **quiet)
        os.close(write)
        with os.fdopen(read) as number:
            self.environment = {"DISPLAY": f":{number.readline().strip()}"}
        self._manager = subprocess.Popen(["openbox"], env=os.environ | self.environment, **quiet)

        self._press_a_first_key()

    def _press_a_first_key(self):
        """Have the window manager take its keys again, as it does when the first press makes the keyboard another one.

        What is pressed meanwhile would reach the window instead.
        """
        self._manager_heard("3")
        self.do("key", "Shift_L")
        self._manager_heard("1")

    def _manager_heard(self, desktops):
        wait_until(lambda: (self.do("set_num_desktops", desktops), self.do("get_num_desktops"))[1] == desktops)

    def close(self):
        for process in (self._manager, self._server):
            process.terminate()
            process.wait()

    def picture(self, file):
        subprocess.run(["import", "-window", "root", file], env=os.environ | self.environment, check=True)

    def do(self, *command):
        """Act as a person's hands, and return what is seen."""
        run = subprocess.run(
            ["xdotool", *command],
            env=os.environ | self.environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
        return run.stdout.strip()


class Seen:
    """A window on the screen; what a person sees first is its title, which names the state."""

    def __init__(self, screen, program="MyKey card reader"):
        self._screen, self._program = screen, program

    @property
    def title(self):
        number = self._number()
        return self._screen.do("getwindowname", number) if number else ""

    def says(self, title):
        """Return the seconds until the title begins so."""
        return wait_until(lambda: self.title.startswith(title), seconds=25)

    def front(self):
        self._screen.do("windowactivate", "--sync", self._number())

    def keys(self, *names):
        self.front()
        self._screen.do("key", "--delay", "30", *names)

    def types(self, text):
        self.front()
        self._screen.do("type", "--delay", "30", text)

    def _number(self):
        return self._screen.do("search", "--onlyvisible", "--name", self._program).rpartition("\n")[2]


class OnScreen(Seen):
    """Our program, started here, with its window."""

    def __init__(self, screen, environment, *arguments, under=()):
        super().__init__(screen)
        self._process = subprocess.Popen(
            [*under, *PROGRAM, "--lang", "en", *arguments],
            env=environment | screen.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.pid = self._process.pid

    def says(self, state):
        """Return the seconds until a state of the table, or a title, is shown."""
        return super().says(WORDS.state(state)[0] if state in STATES else state)

    def send(self, number):
        self._process.send_signal(number)

    def end(self):
        """Return what was said on standard output and error, and the exit code."""
        said, _ = self._process.communicate(timeout=20)
        return said, self._process.returncode

    def end_by(self, number):
        self.send(number)
        return self.end()

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
