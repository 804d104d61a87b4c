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
    """Write the picture; py-spy may have to be root to look into another process."""
    with TemporaryDirectory() as folder, database("SQLite", Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        requests = gather(url, Path(folder) / "instance", authority, PEOPLE).inquiries()
        with serving(environment) as portal:
            watch = (
                Path(sys.executable).with_name("py-spy"),
                "record",
                "--pid",
                str(portal.pid),
                "--output",
                PICTURE,
                "--function",
            )
            with subprocess.Popen([*watch, "--duration", str(SECONDS), "--rate", str(SAMPLES)]) as spy:
                load(portal.address, requests, SECONDS, clients=1)
        if spy.returncode:
            raise subprocess.CalledProcessError(spy.returncode, spy.args)


if __name__ == "__main__":
    draw()
