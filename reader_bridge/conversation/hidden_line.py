"""A line typed without echo, of which as little as Python allows stays in memory."""

import sys

import click

_LONGEST = 256  # bytes

if sys.platform == "win32":
    from getpass import getpass as read_hidden
else:
    import termios

    def read_hidden(prompt: str) -> str:
        """Read a line from standard input, a terminal; raise EOFError at its end.

        Streams keep what they read in buffers of their own, which nobody can wipe; these bytes can be.
        """
        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
        silent = [*before]
        silent[3] = before[3] & ~termios.ECHO
        typed = bytearray(_LONGEST)
        try:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, silent)
            click.echo(prompt, nl=False)
            with open(terminal, "rb", buffering=0, closefd=False) as keys:
                length = keys.readinto(typed)
            if not length:
                raise EOFError
            return str(memoryview(typed)[:length], sys.stdin.encoding, "replace").rstrip("\r\n")
        finally:
            typed[:] = bytes(_LONGEST)
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
            click.echo()
