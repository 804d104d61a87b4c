"""The units of deploy/systemd, as far as they can be looked at where no systemd runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = ("mykey.service", "mykey-backup.service", "mykey-audit.service")
MOST_EXPOSED = 2.0


@pytest.fixture
def tree(tmp_path):
    system = tmp_path / "usr/lib/systemd/system"
    for name in ("mykey", "mykey-"):
        (system / f"{name}.service.d").mkdir(parents=True)
        shutil.copy(UNITS / "hardening.conf", system / f"{name}.service.d")
    for unit in (*UNITS.glob("*.service"), *UNITS.glob("*.timer")):
        shutil.copy(unit, system)
    return tmp_path


@pytest.mark.parametrize("service", SERVICES)
def test_little_is_exposed(tree, service, record_property):
    command = ["systemd-analyze", "security", "--offline=true", f"--root={tree}", service]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    [figure] = re.findall(rf"Overall exposure level for {service}: ([0-9.]+)", said)
    record_property(service, figure)
    assert float(figure) <= MOST_EXPOSED


def test_each_timer_has_its_service_and_comes_with_the_portal():
    timers = {timer.name for timer in UNITS.glob("*.timer")}
    assert {name.replace(".timer", ".service") for name in timers} | {"mykey.service"} == set(SERVICES)
    [wanted] = re.findall(r"^Wants=(.*)$", (UNITS / "mykey.service").read_text("utf-8"), re.MULTILINE)
    assert set(wanted.split()) == timers
