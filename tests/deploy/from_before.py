"""From the release before, with what its own program wrote, to this one; and back with the backup (`make test-deploy`).

The program of before is the last state whose tables were one version older. It runs with the libraries of today.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, create_engine, func, select, text

from tests.ports import reserved_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
BEFORE, ITS_VERSION = "9baf6c414295a45b350d45c67e105c63b0c901ec", "0008"
TRANSIENT = {"alembic_version", "browser_session", "card_session", "desk", "staff_link", "try_count"}
"""What a backup leaves out."""
REPLACED = {"monthly_figure"}
LIVED = {"person", "certificate", "mykey_id", "service_link", "move", "id_use", "staff", "passkey", "audit_entry"}
MYKEY = ("-c", "from portal.cli import main; main(prog_name='mykey')")


class Program:
    """The commands of one state of the source, in an instance of their own."""

    def __init__(self, source, instance, database, backups):
        instance.mkdir(mode=0o700, exist_ok=True)
        self.address = f"127.0.0.1:{reserved_port()}"
        rest = {name: value for name, value in os.environ.items() if not name.startswith("MYKEY_")}
        self.source, self.database, self.instance = source, database, instance
        self.environment = rest | {
            "PYTHONPATH": str(source),
            "MYKEY_ORIGIN": "https://id.example.jp",
            "MYKEY_INSTANCE": str(instance),
            "MYKEY_DATABASE_URL": database,
            "MYKEY_BACKUPS": str(backups),
            "MYKEY_REVOCATION": "none",
            "MYKEY_LISTEN": self.address,
        }

    def python(self, *arguments, ends=(0,)):
        command = [sys.executable, "-P", *map(str, arguments)]
        where = {"cwd": self.source, "env": self.environment}
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=200, **where)
        assert done.returncode in ends, done.stdout + done.stderr
        return done.stdout

    def __call__(self, *words):
        """Type a command of `mykey`, which must go well."""
        return json.loads(self.python(*MYKEY, *words, "--json") or "null")

    def serves(self):
        """Serve, and stop when it is ready."""
        with subprocess.Popen(
            [sys.executable, "-P", *MYKEY, "serve"], cwd=self.source, env=self.environment, stderr=subprocess.DEVNULL
        ) as server:
            try:
                wait_until(lambda: self.is_ready(server), 60)
            finally:
                server.terminate()
        return server.returncode

    def is_ready(self, server):
        assert server.poll() is None
        try:
            with urlopen(f"http://{self.address}/readyz", timeout=20) as reply:
                return reply.status == 200
        except OSError:
            return False

    def rows(self):
        """Count the rows of each table, whatever this program knows of it."""
        engine, found = create_engine(self.database), MetaData()
        with engine.connect() as connection:
            found.reflect(connection)
            counted = {
                name: connection.scalar(select(func.count()).select_from(table))
                for name, table in found.tables.items()
                if name not in TRANSIENT
            }
        engine.dispose()
        return counted


def checks(program):
    """Return what the doctor finds wrong, without the road to a proxy that is not there; it may end well or not."""
    said = json.loads(program.python(*MYKEY, "doctor", "--json", ends=(0, 1)))
    return {each["check"] for each in said if each["status"] == "fail"} - {"proxy"}


@pytest.fixture(scope="module")
def source_before(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before")
    archive = folder / "source.tar"
    done = subprocess.run(["git", "archive", f"--output={archive}", BEFORE], check=False, cwd=ROOT)
    assert done.returncode == 0, f"the history has no {BEFORE}: get all of it (git fetch --unshallow)"
    (folder / "source").mkdir()
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder / "source"], check=True)
    return folder / "source"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_upgrade_keeps_what_its_program_wrote_and_its_backup_leads_back(kind, source_before, tmp_path, request):
    url, elsewhere = (empty(kind, request, tmp_path) for _ in range(2))
    place = (tmp_path / "instance", url, tmp_path / "backups")
    before, now = Program(source_before, *place), Program(ROOT, *place)
    before("db", "upgrade")
    before.python(ROOT / "tests/deploy/life_before.py", before.instance, url)
    had = before.rows()
    assert {name for name in LIVED if not had[name]} == set()
    before("audit", "verify")

    done = now("db", "upgrade")
    assert (done["from"], done["state"]) == (ITS_VERSION, "newest")
    counted = now.rows()
    assert kept(counted, had) == kept(had, had)
    assert counted["daily_figure"] == had["monthly_figure"] > 0
    now("audit", "verify")
    assert checks(now) == set()
    assert now.serves() == 0

    back = Program(source_before, tmp_path / "back", elsewhere, tmp_path / "backups")
    back("db", "upgrade")
    back("restore", done["backup"])
    assert back.rows() == had
    back("audit", "verify")
    assert checks(back) == set()
    assert back.serves() == 0


def empty(kind, request, folder):
    """Name a database without a table; those of PostgreSQL go with its server."""
    name = f"before_{uuid4().hex}"
    if kind == "sqlite":
        return f"sqlite:///{folder / name}"
    server = request.getfixturevalue("postgresql")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    return server.url.set(database=name).render_as_string(hide_password=False)


def kept(counted, before):
    """Leave out tables that are new, and those that a migration put into another's place."""
    return {name: counted.get(name) for name in before if name not in REPLACED}
