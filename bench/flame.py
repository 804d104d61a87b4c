"""A flame graph of look-ups, `python -m bench.flame`: py-spy looks into a portal that answers them one at a time."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.page import PICTURES
from bench.setting.crowd import gather
from bench.setting.load import load
from bench.setting.serving import database, production, serving

PEOPLE, SECONDS, SAMPLES = 1000, 10, 200
PICTURE = PICTURES / "look-up-flame.svg"


def draw() -> None:
    """Write the picture of what holds the interpreter; py-spy may have to be root to look into another process."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder, database("SQLite", Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        requests = gather(url, Path(folder) / "instance", authority, PEOPLE).inquiries()
        with serving(environment) as portal:
            asked = f"--pid {portal.pid} --duration {SECONDS} --rate {SAMPLES} --gil --function --output {PICTURE.name}"
            # Named without a folder, for the picture says how it was called.
            named = {"executable": Path(sys.executable).with_name("py-spy"), "cwd": PICTURES}
            with subprocess.Popen(["py-spy", "record", *asked.split()], **named) as spy:  # noqa: S607
                load(portal.address, requests, SECONDS, clients=1)
        if spy.returncode:
            raise subprocess.CalledProcessError(spy.returncode, spy.args)


if __name__ == "__main__":
    draw()
