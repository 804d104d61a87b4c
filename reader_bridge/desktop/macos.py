"""The bridge on macOS: LaunchServices are told of the application that holds it (untried, docs/untried.md)."""

import plistlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError

from reader_bridge.desktop.installation import BundleMissing, EntryUnwritable
from reader_bridge.desktop.programs import Programs
from reader_bridge.portal.launch_link import SCHEME
from reader_bridge.portal.settings import home

LABEL = "mykey-terminal"
_UNREADABLE = (OSError, ValueError, KeyError, ExpatError)
_FRAMEWORK = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework"
_LSREGISTER = f"{_FRAMEWORK}/Support/lsregister"


class MacInstallation:
    """Link and autostart; the entry is the bundle itself, wherever somebody has put it."""

    def __init__(
        self,
        programs: Programs,
        program: Path | None = None,
        folder: Path | None = None,
        run: Callable[[Sequence[str]], object] | None = None,
    ) -> None:
        """Take this program, ~/Library/LaunchAgents and subprocess where nothing else is given."""
        self._programs, self._program = programs, program or Path(sys.executable)
        self._agent = (folder or home() / "Library" / "LaunchAgents") / f"{LABEL}.plist"
        self._run = run or (lambda command: subprocess.run(command, check=False, capture_output=True))  # noqa: S603

    def install(self, *, terminal: bool) -> list[str]:
        """Raise BundleMissing, EntryUnwritable."""
        bundle = self._bundle()
        if bundle is None:
            raise BundleMissing(str(self._program))
        self._run([_LSREGISTER, "-f", str(bundle)])
        if terminal:
            agent = {"Label": LABEL, "ProgramArguments": [*self._programs.terminal], "RunAtLoad": True}
            try:
                self._agent.parent.mkdir(parents=True, exist_ok=True)
                self._agent.write_bytes(plistlib.dumps(agent))
            except OSError as error:
                raise EntryUnwritable(str(self._agent)) from error
        return [str(bundle), *([str(self._agent)] if terminal else [])]

    def uninstall(self) -> list[str]:
        """Leave the bundle, which its owner puts into the bin; raise EntryUnwritable."""
        bundle, there = self._bundle(), self._agent.exists()
        if bundle:
            self._run([_LSREGISTER, "-u", str(bundle)])
        try:
            self._agent.unlink(missing_ok=True)
        except OSError as error:
            raise EntryUnwritable(str(self._agent)) from error
        return [*([str(bundle)] if bundle else []), *([str(self._agent)] if there else [])]

    def repair(self) -> None:
        """Write the autostart anew where its program is gone; LaunchServices follow a bundle by themselves."""
        try:
            [program, *_] = plistlib.loads(self._agent.read_bytes())["ProgramArguments"]
            if not Path(program).exists():
                self.install(terminal=True)
        except (*_UNREADABLE, BundleMissing, EntryUnwritable):
            return

    def owner(self) -> str | None:
        """Name this program where its bundle has the scheme: nothing tells of others."""
        return self._programs.link[0] if self._bundle() else None

    def is_ours(self, owner: str) -> bool:
        return owner == self._programs.link[0]

    def _bundle(self) -> Path | None:
        """Find the application around this program whose Info.plist names the scheme."""
        for folder in self._program.parents:
            try:
                types = plistlib.loads((folder / "Contents" / "Info.plist").read_bytes())["CFBundleURLTypes"]
            except _UNREADABLE:
                continue
            if any(SCHEME in each.get("CFBundleURLSchemes", ()) for each in types):
                return folder
        return None
