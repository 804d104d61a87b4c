"""Folders that are another's, read-only or full: each command and `doctor` say so, and nothing is half done."""

import json
import os
import pwd
import subprocess
import sys
from types import SimpleNamespace

import pytest

from portal.migrations import schema_version
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.commands.test_every_command import COMMANDS

MYKEY = """
import json, sys
from click.testing import CliRunner
from portal.cli import main
done = [CliRunner().invoke(main, words) for words in json.loads(sys.argv[1])]
json.dump([(each.exit_code, each.stdout, each.stderr, repr(each.exception)) for each in done], sys.stdout)
"""
NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-c")
WORDS = {
    ("backup",): ("b.tar",),
    ("link", "add"): ("A", "{file}", "1"),
    ("provider", "add"): ("A-α1-0001", "B"),
    ("provider", "import"): ("A", "{file}"),
    ("restore",): ("{file}",),
    ("staff", "add"): ("花子", "--role", "clerk"),
    ("terminal", "add"): ("A", "B"),
    ("trust", "add"): ("{file}", "--fingerprint", "0"),
    ("bridge", "publish"): ("{file}",),
    **{("provider", name): ("A",) for name in ("set", "suspend", "resume")},
    **{("staff", name): ("花子",) for name in ("link", "suspend", "resume")},
    **{("terminal", name): ("00000000-0000-0000-0000-000000000000",) for name in ("codes", "revoke")},
    ("terminal", "list"): ("A",),
    ("terminal", "handoff-link"): ("00000000-0000-0000-0000-000000000000", ""),
}
"""What each command wants to be typed after its name."""


@pytest.fixture
def of_a_service(settings, monkeypatch):
    """Let root type what belongs to another user, who is known by name or by number."""

    def make(owner):
        if os.geteuid():
            monkeypatch.setattr(os, "geteuid", lambda: 0)
            return os.getuid()
        os.chown(settings.instance, owner, -1)
        return owner

    return make


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_of_root_on_another_users_folder_is_refused_unchanged(words, told, tmp_path, of_a_service):
    (tmp_path / "file").write_bytes(b"")
    of_a_service(4711)
    before = sorted(tmp_path.rglob("*"))
    assert told(*words, *(each.format(file=tmp_path / "file") for each in WORDS.get(words, ()))) == "folder-of-another"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("owner", [pwd.getpwnam("nobody").pw_uid, 4711])
def test_the_line_to_type_is_shown(typed, of_a_service, settings, monkeypatch, owner):
    monkeypatch.setattr(sys, "argv", ["/opt/mykey/venv/bin/mykey", "staff", "add", "窓口 花子"])
    owner = of_a_service(owner)
    told = typed("staff", "list").err
    names = {entry.pw_uid: entry.pw_name for entry in pwd.getpwall()}
    known = f"runuser -u {names.get(owner)} --"
    prefix = known if owner in names else f"setpriv --reuid {owner} --clear-groups"
    assert f"\n{prefix} /opt/mykey/venv/bin/mykey staff add '窓口 花子'\n" in told
    assert told.startswith(str(settings.instance))
    assert "持ち主" in told


def test_a_database_elsewhere_counts_too(told, of_a_service, settings, tmp_path):
    (tmp_path / "own").mkdir()
    of_a_service(4711)  # the folder of the database; that of the instance is root's
    assert told("staff", "list", instance=tmp_path / "own", database_url=settings.database) == "folder-of-another"


@pytest.fixture
def small(tmp_path):
    """Type commands in a namespace whose instance is a small disk of its own; `before` changes it first."""
    instance = tmp_path / "small"
    instance.mkdir()

    def run(*commands, before):
        script = f'mount -t tmpfs -o size=2m none "$MYKEY_INSTANCE"; cd "$MYKEY_INSTANCE"; {before}; cd /; exec "$@"'
        rest = {name: value for name, value in os.environ.items() if not name.startswith("MYKEY_")}
        settings = {"MYKEY_ORIGIN": "https://id.example.jp", "MYKEY_INSTANCE": str(instance)}
        settings |= {"MYKEY_REVOCATION": "none"}
        python = [sys.executable, "-W", "error", "-c", MYKEY, json.dumps(commands)]
        done = subprocess.run(
            [*NAMESPACE, script, "sh", *python], env=rest | settings, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        told = [
            SimpleNamespace(status=each[0], out=each[1], err=each[2], by=each[3]) for each in json.loads(done.stdout)
        ]
        assert [each.by for each in told if "SystemExit" not in each.by] == []
        return told

    return run


@pytest.fixture
def made(tmp_path):
    """Return the line that copies an instance with a database to where it is run."""
    (tmp_path / "made" / "trust").mkdir(parents=True)
    (tmp_path / "made" / "secret.key").write_bytes(bytes(32))
    (tmp_path / "made" / "secret.key").chmod(0o600)
    schema_version.upgrade(f"sqlite:///{tmp_path}/made/portal.sqlite3")
    return f"cp -r {tmp_path}/made/. ."


READ_ONLY = 'mount -o remount,ro "$MYKEY_INSTANCE"'
FULL = "cat /dev/zero > filler 2>/dev/null"
ADD = ("staff", "add", "花子", "--role", "clerk")


def test_a_read_only_folder_is_called_so(small, made, tmp_path):
    commands = [(*words, "--json") for words in (("staff", "list"), ("setup",), ("db", "upgrade"), ("audit", "verify"))]
    *refused, doctor = small(*commands, ("doctor", "--json"), before=f"{made}; {READ_ONLY}")
    for done in refused:
        told = json.loads(done.err)
        assert (done.status, done.out, told["code"]) == (1, "", "folder-read-only")
        assert f"{tmp_path}/small is read-only" in told["message"]
        assert "読み取り専用" in told["message"]
    checks = {each["check"]: each for each in json.loads(doctor.out)}
    assert (checks["folder"]["status"], checks["database"]["status"]) == ("fail", "fail")
    assert "is read-only" in checks["folder"]["message"]
    assert "書き込めません" in checks["folder"]["message"]


def test_a_read_only_folder_without_anything_in_it_is_called_so_too(small):
    upgraded, asked = small(("db", "upgrade", "--json"), ("setup", "--json"), before=READ_ONLY)
    assert (upgraded.status, json.loads(upgraded.err)["code"]) == (1, "folder-read-only")
    assert (asked.status, json.loads(asked.err)["code"]) == (1, "folder-read-only")


def test_a_full_disk_is_called_so(small, made):
    for done in small(("setup", "--json"), (*ADD, "--json"), ("db", "upgrade", "--json"), before=f"{made}; {FULL}"):
        told = json.loads(done.err)
        assert (done.status, done.out, told["code"], "空き" in told["message"]) == (1, "", "disk-full", True)


def test_a_backup_onto_a_full_disk_leaves_nothing(small, made, tmp_path):
    place = tmp_path / "small" / "out"
    before = f"{made}; mkdir out; mount -t tmpfs -o size=4k none out"
    done, listed = small(("backup", str(place / "b.tar")), ("backup", str(place / "b.tar")), before=before)
    for each in (done, listed):  # the second would find what the first had left
        assert (each.status, "b.tar cannot be written" in each.err) == (1, True)
        assert "バックアップを書けませんでした。" in each.err
