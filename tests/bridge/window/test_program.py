"""The program `mykey-bridge`: it opens, and where nothing can be drawn it says so and goes on in the terminal."""

import os
import subprocess
import sys

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
PROGRAM = (sys.executable, "-c", "from reader_bridge.window import main; raise SystemExit(main())")


def test_where_nothing_can_be_drawn_the_terminal_goes_on_in_words():
    without = {name: value for name, value in os.environ.items() if name not in SCREENS}
    run = subprocess.run(
        [*PROGRAM, "--lang", "en"], env=without, check=False, capture_output=True, text=True, timeout=30
    )
    assert "cannot be drawn" in run.stderr
    assert "[DISPLAY]" in run.stderr
    assert "Usage: reader-bridge" in run.stdout
    assert run.returncode == 0
