"""A launch link clicked in a real Chromium reaches `reader-bridge open` as one argument.

Chromium starts the program without a prompt where a managed policy allows it (ecosystem of the browser: /etc/chromium).
The policy is mounted for this one browser alone, in a mount namespace of its own, so nothing is written to /etc.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reader_bridge.portal.launch_link import LaunchLink
from tests.e2e.browser import ARGUMENTS, PROGRAM, launch_link, new_context, start

NAMESPACE = "unshare --mount" if os.geteuid() == 0 else "unshare --map-root-user --mount"
LAUNCHER = """\
#!/bin/sh
exec {namespace} sh -c '
mount -t tmpfs none /etc/chromium && mkdir -p /etc/chromium/policies/managed \\
&& cp {policy} /etc/chromium/policies/managed/ && exec {program} "$@"' sh "$@"
"""
RECORDER = """\
#!{python}
import json, os, sys
with open({record!r} + ".new", "w") as file:
    json.dump(sys.argv[1:], file)
os.rename({record!r} + ".new", {record!r})
"""
ENTRY = "[Desktop Entry]\nType=Application\nName=Recorder\nExec={program} %u\nMimeType=x-scheme-handler/mykey-bridge;\n"


@pytest.fixture
def recorded(tmp_path):
    """The file in which the program notes its arguments."""
    return tmp_path / "arguments.json"


@pytest.fixture
def recorder(tmp_path, recorded):
    """A program in the place of `reader-bridge`, beside a Python of its own, where `install` looks for it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    return executable(folder / "reader-bridge", RECORDER.format(python=sys.executable, record=str(recorded)))


@pytest.fixture
def desktop(tmp_path):
    """A citizen's desktop without a single program, whose terminal runs a program without showing it."""
    homes = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    for home in homes.values():
        Path(home, "applications").mkdir(parents=True)
    return os.environ | homes | {"DISPLAY": ":9", "TERMINAL": "env --", "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def click(playwright, portal, tmp_path, desktop):
    """Click the waiting page's link in a Chromium whose administrator allows it; return the link."""
    policy = tmp_path / "mykey.json"
    allowed = [{"protocol": "mykey-bridge", "allowed_origins": [portal.origin]}]
    policy.write_text(json.dumps({"AutoLaunchProtocolsFromOrigins": allowed}))
    text = LAUNCHER.format(namespace=NAMESPACE, policy=policy, program=PROGRAM)
    launcher = executable(tmp_path / "chromium", text)
    can_mount = subprocess.run([*NAMESPACE.split(), "mount", "-t", "tmpfs", "none", "/etc/chromium"], check=False)
    assert can_mount.returncode == 0, "Run as root, or where the kernel lets users make mount namespaces (unshare -rm)."
    browser = playwright.chromium.launch(executable_path=launcher, args=ARGUMENTS, env=desktop)

    def click_link():
        page = start(new_context(browser, base_url=portal.origin).new_page())
        link = launch_link(page)
        page.click('a[href^="mykey-bridge:"]')
        return link

    yield click_link
    browser.close()


def test_the_link_arrives_as_one_argument(click, recorder, recorded, desktop, portal):
    entry = Path(desktop["XDG_DATA_HOME"], "applications", "recorder.desktop")
    entry.write_text(ENTRY.format(program=recorder))
    subprocess.run(
        ["xdg-mime", "default", "recorder.desktop", "x-scheme-handler/mykey-bridge"], env=desktop, check=True
    )
    link = click()
    assert arguments(recorded) == [link]
    assert str(LaunchLink.parse(link).origin) == portal.origin


def test_what_reader_bridge_installs_is_started_with_the_link(click, recorder, recorded, desktop):
    python = recorder.with_name("python")
    subprocess.run(
        [python, "-c", "from reader_bridge.desktop import installation as i; i.installation().install(terminal=False)"],
        env=desktop,
        check=True,
        capture_output=True,
    )
    link = click()
    assert arguments(recorded) == ["open", "--keep-open", "--", link]


def executable(file, text):
    file.write_text(text)
    file.chmod(0o755)
    return file


def arguments(recorded):
    """Wait for the program that the browser started."""
    for _ in range(100):
        if recorded.exists():
            return json.loads(recorded.read_text())
        time.sleep(0.1)
    raise TimeoutError("no program was started")
