"""The command `reader-bridge`; over real PC/SC it is tried elsewhere, here its readers are virtual."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.oid import NameOID

from reader_bridge import cli
from reader_bridge.card.certificate_text import as_file
from reader_bridge.cli import context
from reader_bridge.cli.context import Bridge
from reader_bridge.conversation.one_conversation import one_conversation
from reader_bridge.desktop import doctor as examination
from reader_bridge.desktop.installation import EntryUnwritable
from reader_bridge.errors import PcscMissing
from tests.bridge.fake_portal import DIGITS, FRAGMENT, HANDLE, PAIRING_CODE

COMMANDS = (
    "doctor",
    "install",
    "list",
    "open",
    "pair",
    "show",
    "terminal",
    "terminal enrol",
    "terminal run",
    "uninstall",
)
FORBIDDEN_AT_START = ("cryptography", "smartcard", "ssl", "http.client")


@pytest.fixture(autouse=True)
def places(monkeypatch, tmp_path):
    monkeypatch.setenv("MYKEY_BRIDGE_SETTINGS", str(tmp_path / "bridge.toml"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(context, "administrator_path", lambda: tmp_path / "administrator.toml")
    return tmp_path


@pytest.fixture
def run(monkeypatch, readers):
    """Run the command with virtual readers, as if in a terminal; the PIN is typed right."""
    monkeypatch.setattr(Bridge, "readers", lambda _: readers)
    monkeypatch.setattr("reader_bridge.conversation.terminal_ui.need_terminal", lambda: None)
    monkeypatch.setattr("reader_bridge.conversation.terminal_ui._read_hidden", lambda _: "4071")
    return lambda *arguments, typed="": CliRunner().invoke(cli.main, ["--lang", "en", *arguments], input=typed)


@pytest.fixture
def link(portal):
    escaped = portal.origin.replace(":", "%3A").replace("/", "%2F")
    return f"mykey-bridge:read?origin={escaped}&handle={HANDLE}"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command):
    result = CliRunner().invoke(cli.main, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_starting_loads_nothing_heavy():
    script = "import sys, reader_bridge.cli; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", script], text=True).split()
    assert not [name for name in FORBIDDEN_AT_START if name in modules]


def test_list_names_the_readers(run, readers):
    readers.plug_in("Another\x1b reader")
    assert run("list").output.splitlines() == ["Virtual reader", "Another reader"]


def test_without_a_reader_list_says_what_to_do_and_fails(run, readers):
    readers.unplug()
    result = run("list")
    assert (result.exit_code, "Connect the reader" in result.stderr) == (1, True)


def test_without_pyscard_it_is_said_how_to_install_it(run, monkeypatch):
    def missing(_):
        raise PcscMissing

    monkeypatch.setattr(Bridge, "readers", missing)
    result = run("list")
    assert (result.exit_code, "pyscard" in result.stderr) == (1, True)


def test_show_prints_the_certificate_without_a_pin(run, card):
    result = run("show")
    assert "ランダム文字列: 1C2410DF79DGEL" in result.stdout
    assert "The status of the certificate has not been checked." in result.stdout
    assert (result.exit_code, card.tries_left, card.power_offs) == (0, 3, 1)


def test_show_prints_both_parts_and_writes_the_files(run, places, certificate):
    text, der = places / "mine.txt", places / "mine.cer"
    result = run("show", "--output", str(text), "--der", str(der))
    assert result.exit_code == 0
    basic, details = result.stdout.split("Details\n")
    assert basic.startswith("Basic information\n  主体者(S): CN=1C2410DF79DGEL07202002B\n    C=JP\n")
    assert "  ランダム文字列: 1C2410DF79DGEL  ← マイキーIDにあたる情報\n" in details
    assert text.read_bytes() == as_file(certificate)
    assert der.read_bytes() == certificate


def test_show_without_a_card_leaves_no_file(run, readers, places):
    readers.unplug()
    assert run("show", "--der", str(places / "mine.cer")).exit_code == 1
    assert not (places / "mine.cer").exists()


def test_show_says_where_it_cannot_write(run, places):
    result = run("show", "--der", str(places / "nowhere" / "mine.cer"))
    assert (result.exit_code, "mine.cer" in result.stderr) == (1, True)


def test_show_takes_the_named_reader_or_asks(run, readers, make_card):
    readers.plug_in("Another")
    readers.insert(make_card(), "Another")
    assert run("show", "--reader", "Another").exit_code == 0
    assert run("show", typed="2\n").exit_code == 0
    assert run("show", typed="\n").exit_code == 130
    nowhere = run("show", "--reader", "Nowhere")
    assert (nowhere.exit_code, "Virtual reader, Another" in nowhere.stderr) == (2, True)


def test_pair_names_the_portal_asks_once_and_shows_the_digits(run, portal, places):
    result = run("pair", "--portal", portal.origin, "k7qf-4pxw", typed="y\n")
    assert result.exit_code == 0
    assert portal.origin in result.stdout
    assert DIGITS in result.stdout
    assert portal.origin in (places / "known-portals.json").read_text()
    again = run("pair", PAIRING_CODE)
    assert (again.exit_code, "Connect to this portal?" in again.stdout) == (0, False)


def test_pair_without_a_portal_asks_for_one(run):
    result = run("pair", PAIRING_CODE)
    assert (result.exit_code, "--portal" in result.stderr) == (2, True)


def test_a_link_alone_does_not_allow_http(run, portal, link):
    result = run("open", link, typed="y\n")
    assert (result.exit_code, portal.calls) == (1, [])
    assert "do not allow this portal" in result.stderr


def test_a_list_the_administrator_locked_holds_on_the_command_line_too(run, portal, places):
    (places / "administrator.toml").write_text('locked = true\nknown_origins = ["https://id.example.jp"]\n')
    for arguments in (
        ["pair", "--portal", portal.origin],
        ["--allow-http", portal.origin, "pair", "--portal", portal.origin],
    ):
        result = run(*arguments, PAIRING_CODE, typed="y\n")
        assert (result.exit_code, portal.calls) == (1, [])


def test_open_follows_a_link_to_the_browser(run, portal, link, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    result = run("--allow-http", portal.origin, "open", "--", link, typed="y\n")
    assert (result.exit_code, opened) == (0, [f"{portal.origin}/completion#{FRAGMENT}"])


def test_the_same_link_again_only_says_so(run, portal, link, places):
    with one_conversation(f"{portal.origin} {HANDLE}", places / "mykey-bridge.lock"):
        result = run("--allow-http", portal.origin, "open", link)
    assert (result.exit_code, portal.calls) == (0, [])
    assert "open already" in result.stderr


def test_a_refused_portal_is_a_cancelled_conversation(run, portal):
    result = run("pair", "--portal", portal.origin, PAIRING_CODE, typed="\n")
    assert (result.exit_code, portal.calls) == (130, [])


@pytest.mark.parametrize(
    "arguments", [["LINK", "LINK"], ["LINK", "--lang", "en"], ["--trust=x", "LINK"], ["--", "--help"], []]
)
def test_open_takes_exactly_one_link(run, link, portal, arguments):
    result = run("--allow-http", portal.origin, "open", *(link if each == "LINK" else each for each in arguments))
    assert (result.exit_code, portal.calls) == (2, [])


def test_a_malformed_link_or_origin_is_used_wrongly(run, link):
    assert run("open", link + "&x=y").exit_code == 2
    assert run("pair", "--portal", "https://ID.example.jp", PAIRING_CODE).exit_code == 2


def test_a_failure_waits_for_enter_where_the_window_would_close(run, monkeypatch):
    paused = []
    monkeypatch.setattr("click.pause", paused.append)
    assert run("open", "--keep-open", "mykey-bridge:read").exit_code == 2
    assert paused == ["Press Enter to close"]


def test_a_fault_of_the_program_waits_for_enter_too(run, monkeypatch, portal, link):
    def broken(_):
        raise RuntimeError("a fault")

    paused = []
    monkeypatch.setattr("click.pause", paused.append)
    monkeypatch.setattr(Bridge, "readers", broken)
    result = run("--allow-http", portal.origin, "open", "--keep-open", link)
    assert (result.exit_code, "a fault" in result.stderr, paused) == (1, True, ["Press Enter to close"])


def test_the_title_a_portal_gives_cannot_steer_the_terminal(run, portal):
    fields = {"code": "from-version-2", "title": "a\x1b[2J\nb"}
    headers = {"Content-Type": "application/problem+json"}
    portal.replies["/api/v1/bridge/claims"] = (400, headers, json.dumps(fields).encode())
    result = run("pair", "--portal", portal.origin, PAIRING_CODE, typed="y\n")
    assert "[from-version-2]\n  a[2Jb\n" in result.stderr


def test_without_a_terminal_nothing_is_begun(portal, link):
    command = [sys.executable, "-m", "reader_bridge", "--lang", "en", "--allow-http", portal.origin, "open", link]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (result.returncode, portal.calls) == (1, [])
    assert "There is no terminal" in result.stderr


def test_doctor_says_what_is_wrong_and_fails(run, portal, readers):
    portal.replies["/healthz"] = (200, {"Content-Type": "text/plain"}, b"ok")
    good = run("doctor", "--portal", portal.origin)
    assert (good.exit_code, good.stdout.count("[OK]")) == (0, 2)
    readers.remove()
    bad = run("doctor")
    assert (bad.exit_code, "[!!] Virtual reader: Put your My Number card" in bad.stdout) == (1, True)


class LinkedTo:
    """Have links start a program; ours is called `us`."""

    def __init__(self, owner):
        self._owner = owner

    def owner(self):
        return self._owner

    def is_ours(self, owner):
        return owner == "us"


@pytest.mark.parametrize(
    ("owner", "said"),
    [(None, "Links do not open in this program yet"), ("/opt/other", "Links open in the other program in brackets")],
)
def test_doctor_says_whose_links_are(run, monkeypatch, owner, said):
    monkeypatch.setattr(examination, "installation", lambda: LinkedTo(owner))
    told = run("doctor").stdout
    assert f"[--] mykey-bridge: {said}" in told
    assert (owner or "") in told


def test_the_report_to_copy_holds_no_secret_and_no_id(run, portal, readers, places, certificate, monkeypatch):
    def unwritable():
        raise EntryUnwritable(str(places / "applications"))

    monkeypatch.setattr(examination, "installation", lambda: LinkedTo("us"))
    monkeypatch.setattr(examination, "try_link", unwritable)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(places))
    monkeypatch.setenv("HTTPS_PROXY", "http://hanako:geheim@127.0.0.1:9")
    (places / "terminal.json").write_text(json.dumps({"origin": portal.origin, "token": "t0ken-of-a-terminal"}))
    (places / "bridge.toml").write_text('known_origins = ["https://id.example.jp"]')
    readers.plug_in("Gemalto PC Twin Reader (70D7E2EE) 00 00")
    report = run("doctor", "--report").stdout
    read = x509.load_der_x509_certificate(certificate)
    name = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    serials = (str(read.serial_number), f"{read.serial_number:x}", "70D7E2EE")
    secrets = ("4071", "hanako", "geheim", "t0ken", str(places), name[:14], name[14:], *serials)
    assert [each for each in secrets if each.lower() in report.lower()] == []
    for there in ("[card-good]", "[entry-unwritable]", "(~/applications)", "[proxy-used]", "Twin Reader (…) 00 00"):
        assert there in report


def test_a_reader_with_a_steering_name_is_examined_and_shown_plainly(run, readers):
    readers.plug_in("A\x1b[2J\nB")
    assert "[--] A[2JB: Put your My Number card" in run("doctor").stdout


def test_a_broken_settings_file_is_said(run, places):
    (places / "bridge.toml").write_text("unheard_of = 1\n")
    result = run("list")
    assert (result.exit_code, "unheard_of" in result.stderr) == (1, True)


def test_japanese_is_spoken_where_the_system_does(monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    result = CliRunner().invoke(cli.main, ["open", "x"])
    assert "このリンクは正しい形ではない" in result.stderr
