"""What the demo keeps, and what keeps it away from a portal in production and from real readers."""

import ast
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from demo.__main__ import listen, main
from demo.cards import deck
from demo.instance import DemoInstance
from demo.reader_page import HERE
from portal import create_app
from portal.config import Settings
from portal.domain.errors import NotConfiguredError
from reader_bridge.conversation.one_conversation import one_conversation
from tests.conftest import NOW


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    instance = DemoInstance(tmp_path_factory.mktemp("instance"), NOW)
    deck(instance)
    return instance


def test_a_portal_in_production_refuses_the_demo_s_folder(kept):
    settings = Settings(origin="https://id.example.jp", instance=kept.folder, revocation="none")
    with pytest.raises(NotConfiguredError, match="demo authority"):
        create_app(settings)


def test_authority_and_cards_are_the_same_at_the_next_start(kept):
    files = {file: file.read_bytes() for file in kept.folder.rglob("*.pem")}
    later = DemoInstance(kept.folder, NOW + timedelta(days=3))
    deck(later)
    assert later.authority.certificate == kept.authority.certificate
    assert {file: file.read_bytes() for file in kept.folder.rglob("*.*")} == files


def test_keys_are_their_owner_s_alone(kept):
    files = list((kept.folder / "demo").iterdir())
    assert len(files) == 6
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_it_starts_in_a_clone_where_only_what_it_needs_is_installed(tmp_path):
    for each in Path(pytest.__file__).parents[1].iterdir():
        if not each.name.startswith(("mykey", "__editable__", "reader_bridge")):
            (tmp_path / each.name).symlink_to(each)
    clone = {"cwd": HERE.parent, "env": {"PYTHONPATH": str(tmp_path)}}
    command = [sys.executable, "-S", "-m", "demo", "--help"]  # without what .pth files add
    assert "--instance" in subprocess.run(command, check=True, capture_output=True, text=True, **clone).stdout


def test_a_port_that_is_taken_gives_way_to_the_next_one():
    with listen(0) as first:
        port = first.getsockname()[1]
        with listen(port) as second:
            assert second.getsockname()[1] > port
            assert second.getsockname()[0] == "127.0.0.1"


def test_no_file_of_the_demo_names_the_road_to_a_real_reader():
    for source in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = getattr(node, "module", None) or ""
            assert not [name for name in (module, *names) if "pcsc" in name or "smartcard" in name], source


def test_the_demo_loads_nothing_that_opens_a_real_reader():
    loaded = "import demo.__main__, sys; print([n for n in sys.modules if 'pcsc' in n or 'smartcard' in n])"
    said = subprocess.run([sys.executable, "-c", loaded], cwd=HERE.parent, capture_output=True, check=True, text=True)
    assert said.stdout.strip() == "[]"


def test_a_second_demo_on_a_folder_leaves_the_codes_and_links_of_the_first_as_they_are(tmp_path):
    with one_conversation("the first", tmp_path / "demo.lock"):
        result = CliRunner().invoke(main, ["--instance", str(tmp_path), "--port", "0", "--no-browser"])
    assert (result.exit_code, "already" in result.output, "もう動いています" in result.output) == (1, True, True)
    assert [each.name for each in tmp_path.iterdir()] == ["demo.lock"]
