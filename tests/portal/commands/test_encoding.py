"""A database of PostgreSQL whose encoding is not UTF8, as a server without a locale makes it, is refused in words."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

MADE = "CREATE DATABASE {} ENCODING '{}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"


@pytest.fixture(params=["SQL_ASCII", "EUC_JP"])
def elsewhere(request, postgresql):
    """Return the address of an empty database in another encoding, and its encoding."""
    name = f"encoded_{uuid4().hex}"
    with postgresql.connect() as connection:
        connection.execute(text(MADE.format(name, request.param)))
    return postgresql.url.set(database=name).render_as_string(hide_password=False), request.param


@pytest.mark.parametrize("command", [("db", "upgrade"), ("staff", "list"), ("audit", "verify")])
def test_commands_refuse_it_and_say_what_to_do(typed, elsewhere, command):
    url, encoding = elsewhere
    done = typed(*command, database_url=url)
    assert done.status == 1
    assert f"is in {encoding}, not in UTF8" in done.err
    assert "createdb --encoding UTF8 --template template0" in done.err


def test_setup_refuses_it_with_a_code(told, elsewhere, tmp_path, monkeypatch):
    monkeypatch.setenv("MYKEY_CONFIG", str(tmp_path / "portal.toml"))
    assert told("setup", database_url=elsewhere[0]) == "setting-invalid"


def test_the_doctor_finds_it(typed, elsewhere):
    url, encoding = elsewhere
    found = json.loads(typed("doctor", "--json", database_url=url).out)
    [finding] = [each for each in found if each["check"] == "database"]
    assert finding["status"] == "fail"
    assert f"is in {encoding}" in finding["message"]
