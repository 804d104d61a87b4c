from dataclasses import fields
from pathlib import Path

import pytest

from reader_bridge.cli import main
from reader_bridge.cli.terminal import terminal
from reader_bridge.portal.settings import Settings

PAGE = Path("docs/reader-bridge.md").read_text("utf-8")


COMMANDS = main.commands | {f"terminal {name}": each for name, each in terminal.commands.items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_its_options(command):
    assert f"`reader-bridge {command}" in PAGE
    for parameter in COMMANDS[command].params:
        assert (parameter.opts[0] if parameter.opts[0].startswith("--") else parameter.name.upper()) in PAGE


@pytest.mark.parametrize("option", [parameter.opts[0] for parameter in main.params])
def test_every_option_is_documented(option):
    assert f"`{option}" in PAGE or option in ("--version", "--help")


@pytest.mark.parametrize("setting", [field.name for field in fields(Settings)])
def test_every_setting_is_documented(setting):
    assert f"| `{setting}` |" in PAGE
