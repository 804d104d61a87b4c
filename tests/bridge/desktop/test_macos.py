"""Against a bundle on disk; no macOS has run this."""

import plistlib

import pytest

from reader_bridge.desktop.installation import BundleMissing, EntryUnwritable
from reader_bridge.desktop.macos import MacInstallation
from reader_bridge.desktop.programs import Programs


@pytest.fixture
def bundle(tmp_path):
    bundle = tmp_path / "Applications" / "MyKey card reader.app"
    program = bundle / "Contents" / "MacOS" / "mykey-bridge"
    program.parent.mkdir(parents=True)
    program.touch()
    types = [{"CFBundleURLName": "theirs", "CFBundleURLSchemes": ["mykey-bridge"]}]
    (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps({"CFBundleURLTypes": types}))
    return bundle


@pytest.fixture
def told():
    return []


@pytest.fixture
def installation(bundle, told, tmp_path):
    program = bundle / "Contents" / "MacOS" / "mykey-bridge"
    programs = Programs((str(program), "open"), (str(program), "terminal", "--background"), window=True)
    return MacInstallation(programs, program, tmp_path / "LaunchAgents", told.append)


def test_launch_services_are_told_of_the_bundle(installation, bundle, told):
    assert installation.install(terminal=False) == [str(bundle)]
    assert [command[1:] for command in told] == [["-f", str(bundle)]]
    assert installation.is_ours(installation.owner())


def test_a_terminal_starts_with_the_session_until_it_is_uninstalled(installation, bundle, told, tmp_path):
    installation.install(terminal=True)
    [agent] = (tmp_path / "LaunchAgents").iterdir()
    assert plistlib.loads(agent.read_bytes())["ProgramArguments"][1:] == ["terminal", "--background"]
    assert installation.uninstall() == [str(bundle), str(agent)]
    assert (list((tmp_path / "LaunchAgents").iterdir()), told[-1][1]) == ([], "-u")


@pytest.mark.parametrize(
    "content", [None, b"", b"<plist>", plistlib.dumps({"CFBundleURLTypes": [{}]}), plistlib.dumps({})]
)
def test_outside_of_a_bundle_with_the_scheme_no_link_is_promised(installation, bundle, content):
    information = bundle / "Contents" / "Info.plist"
    information.unlink() if content is None else information.write_bytes(content)
    assert installation.owner() is None
    with pytest.raises(BundleMissing):
        installation.install(terminal=False)


def test_an_agent_that_cannot_be_written_is_named(installation, tmp_path):
    (tmp_path / "LaunchAgents").touch()
    with pytest.raises(EntryUnwritable, match="LaunchAgents"):
        installation.install(terminal=True)


def test_an_agent_follows_a_bundle_that_moved(installation, bundle, told, tmp_path):
    installation.repair()
    assert told == []
    installation.install(terminal=True)
    moved = bundle.rename(bundle.with_name("Moved.app")) / "Contents" / "MacOS" / "mykey-bridge"
    programs = Programs((str(moved), "open"), (str(moved), "terminal"), window=True)
    MacInstallation(programs, moved, tmp_path / "LaunchAgents", told.append).repair()
    [agent] = (tmp_path / "LaunchAgents").iterdir()
    assert plistlib.loads(agent.read_bytes())["ProgramArguments"][0] == str(moved)
