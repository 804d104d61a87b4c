"""What a start does not load: nobody waits for what no first page needs."""

import subprocess
import sys

import pytest

from portal.migrations import schema_version

AT_START = """
import sys
from pathlib import Path
from portal import create_app
from portal.config import Settings
settings = Settings(origin="http://localhost:8000", instance=Path(sys.argv[1]), database_url=sys.argv[2])
client = create_app(settings, demo_reader="http://localhost:1").test_client()
assert client.get("/", base_url=settings.origin).status_code == 200
print(*sys.modules)
"""
LATER = {"alembic", "mako", "markdown_it", "webauthn", "cbor2", "pyasn1", "OpenSSL", "psycopg", "unittest"}
FOR_SERVING = {"flask", "sqlalchemy", "cryptography", "portal.container", *LATER}


def modules_after(*program: str) -> set[str]:
    return set(subprocess.check_output([sys.executable, "-c", *program], text=True).split())


def test_the_first_page_needs_none_of_what_staff_documents_and_migrations_load(tmp_path):
    url = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    schema_version.upgrade(url)
    loaded = modules_after(AT_START, str(tmp_path), url)
    assert "sqlalchemy.dialects.sqlite" in loaded
    assert loaded & LATER == set()


@pytest.mark.parametrize("module", ["portal", "portal.cli"])
def test_a_command_loads_what_it_needs_and_not_the_portal(module):
    loaded = modules_after(f"import sys, {module}; print(*sys.modules)")
    assert module in loaded
    assert loaded & FOR_SERVING == set()
