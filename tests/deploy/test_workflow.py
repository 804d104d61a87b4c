"""The recipe for hosted machines, which nobody here has run: what it names is there."""

import plistlib
import re
from pathlib import Path

import yaml

from tests.test_repository import PLATFORMS

TEXT = Path("deploy/bridge/workflow.yml").read_text("utf-8")
JOBS = yaml.safe_load(TEXT)["jobs"]


def test_there_is_a_machine_for_each_platform():
    names = [each["name"] for job in JOBS.values() for each in job["strategy"]["matrix"]["include"]]
    assert sorted(names) == sorted(PLATFORMS)


def test_every_file_that_it_names_is_there():
    named = set(re.findall(r"\b(?:deploy|requirements)/[\w./${} -]+?\.(?:nsi|spec|txt)", TEXT))
    for name in named:
        for platform in PLATFORMS:
            assert Path(name.replace("${{ matrix.name }}", platform)).is_file()
    assert len(named) == 3


def test_what_macos_reads_is_well_formed():
    assert plistlib.loads(Path("deploy/bridge/macos/entitlements.plist").read_bytes())
    assert '"CFBundleURLSchemes": ["mykey-bridge"]' in Path("deploy/bridge/bridge.spec").read_text("utf-8")
