"""`mykey backup` and `mykey restore`, from each kind of database into each."""

import io
import json
import tarfile
import tracemalloc
from contextlib import contextmanager
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, text

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import AuditEntry, BrowserSession, Person, StaffLink
from portal.services.operation.database import backup as service
from portal.services.operation.database.restore import restore
from portal.services.record.table_rows import LEFT_OUT, TABLES
from tests.conftest import NOW, a_database
from tests.portal.actors.card_holders import rows
from tests.portal.actors.staff import added_staff, signed_in_staff
from tests.portal.actors.town import HANAKO, LIBRARY, SHOP, TARO


@pytest.fixture
def life(town, app):
    """Let people live: registered, linked, looked up, moved; staff with a passkey and one with a link."""
    hanako, taro = town.card(HANAKO), town.card(TARO)
    town.register(hanako, LIBRARY, SHOP)
    town.register(taro, LIBRARY)
    assert town.look_up(taro)
    renewed = town.renewed()
    town.by_code(renewed, town.code_of(hanako))
    clerk = signed_in_staff(app, roles=(Role.CLERK, Role.OPERATOR))
    added_staff(app, "窓口 太郎")
    return {"cards": (renewed, taro), "clerk": clerk, "stop_code": town.stop_code_of(taro)}


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, tmp_path, settings):
    """Give the settings of another portal: an empty database of each kind, and an empty folder."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for url in a_database(request.param, request, folder):
        yield {"instance": folder, "database_url": url, "revocation": settings.revocation}


@pytest.fixture
def file(tmp_path, life, told):  # noqa: ARG001
    told("backup", tmp_path / "b.tar")
    return tmp_path / "b.tar"


def contents(url):
    """Return every row of every table, as the kinds of database write them alike."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            name: sorted(service.line_of(table, tuple(row)) for row in connection.execute(table.select()))
            for name, table in TABLES.items()
        }
    engine.dispose()
    return found


def test_a_life_goes_on_in_another_database(life, file, told, elsewhere, settings, app_with, town, clock):
    assert file.stat().st_mode & 0o777 == 0o600
    services = [town.look_up(card) for card in life["cards"]]
    told("backup", file.with_name("later.tar"))
    before = contents(settings.database)
    done = told("restore", file.with_name("later.tar"), **elsewhere)
    assert isinstance(done, dict), done
    assert done["rows"] == {name: len(before[name]) for name in TABLES}
    assert contents(elsewhere["database_url"]) == before
    assert told("audit", "verify", **elsewhere)["entries"] == done["rows"]["audit_entry"]
    assert (elsewhere["instance"] / "secret.key").read_bytes() == (settings.instance / "secret.key").read_bytes()
    assert (elsewhere["instance"] / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (elsewhere["instance"] / "trust" / "demo.pem").exists()
    there = app_with(**elsewhere)
    town.app, town.services = there, there.extensions["mykey"]
    assert [town.look_up(card) for card in life["cards"]] == services
    assert not rows(there, BrowserSession) and not rows(there, StaffLink)  # noqa: PT018
    clock.forward(minutes=1)
    life["clerk"].client = there.test_client()
    assert life["clerk"].sign_in().status == 200
    assert "窓口 花子" in life["clerk"].get("/staff").words
    with there.app_context():
        there.extensions["mykey"].stop_codes.stop(life["stop_code"])


def test_check_verifies_and_changes_nothing(file, typed, told, settings):
    before = contents(settings.database), sorted(settings.instance.rglob("*"))
    assert told("restore", "--check", file)["audit_entries"] > 5
    assert "is whole" in typed("restore", "--check", file).out
    assert (contents(settings.database), sorted(settings.instance.rglob("*"))) == before


def test_check_finds_a_chain_that_was_changed(app, life, told, tmp_path):  # noqa: ARG001
    with app.app_context():
        db.session.execute(text("UPDATE audit_entry SET event = 'nothing:at:all' WHERE number = 2"))
        db.session.commit()
    told("backup", tmp_path / "b.tar")
    assert told("restore", "--check", tmp_path / "b.tar") == "audit-broken"


def test_a_backup_shows_one_moment_and_holds_up_nobody(life, told, app, tmp_path, monkeypatch):  # noqa: ARG001
    write_table, count = service._write_table, len(rows(app, AuditEntry))

    def while_somebody_acts(members, database, table):
        written = write_table(members, database, table)
        if table.name == "audit_entry":
            added_staff(app, "窓口 三郎")
        return written

    monkeypatch.setattr(service, "_write_table", while_somebody_acts)
    assert told("backup", tmp_path / "b.tar")["rows"]["staff"] == 2
    assert len(rows(app, AuditEntry)) > count
    assert told("restore", "--check", tmp_path / "b.tar")["audit_entries"] == count


def test_many_rows_come_in_pieces(life, told, tmp_path, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr(service, "PIECE_BYTES", 300)
    monkeypatch.setattr(service, "ROWS_AT_ONCE", 2)
    told("backup", tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert sum(name.startswith("tables/audit_entry/") for name in tar.getnames()) > 3
    assert told("restore", "--check", tmp_path / "b.tar")["audit_entries"] > 5


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_that_is_there_is_never_written_over(life, told, tmp_path):  # noqa: ARG001
    (tmp_path / "b.tar").write_bytes(b"other")
    assert told("backup", tmp_path / "b.tar") == "backup-file-exists"
    assert (tmp_path / "b.tar").read_bytes() == b"other"
    assert told("backup", tmp_path / "no" / "b.tar") == "backup-unwritable"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_the_secret_key_nothing_is_a_backup(life, told, tmp_path, settings, monkeypatch):  # noqa: ARG001
    (settings.instance / "secret.key").rename(tmp_path / "kept.key")
    assert told("backup", tmp_path / "b.tar") == "backup-key-missing"
    assert not (tmp_path / "b.tar").exists()
    monkeypatch.setattr(service, "KEY_FILE", "trust/demo.pem")  # a portal that did not ask
    told("backup", tmp_path / "b.tar")
    assert told("restore", "--check", tmp_path / "b.tar") == "backup-damaged"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_backup_that_fails_leaves_no_half_file(life, told, tmp_path, monkeypatch):  # noqa: ARG001
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service._Members, "add_text", full)
    assert told("backup", tmp_path / "b.tar") == "backup-unwritable"
    assert not (tmp_path / "b.tar").exists()


def test_a_database_in_which_somebody_acted_is_left_alone(file, told, settings):
    before = contents(settings.database)
    assert told("restore", file) == "restore-database-not-empty"
    assert contents(settings.database) == before


def test_another_key_that_is_there_is_left_alone(file, told, elsewhere):
    (elsewhere["instance"] / "secret.key").write_bytes(bytes(32))
    assert told("restore", file, **elsewhere) == "restore-file-exists"
    nothing_is_restored(elsewhere, {"secret.key"})


def nothing_is_restored(elsewhere, there=()):
    kept = contents(elsewhere["database_url"])
    assert [name for name, found in kept.items() if found] == ["audit_head"]
    assert b'"number":0' in kept["audit_head"][0]
    names = {file.name for file in elsewhere["instance"].iterdir()}
    assert {name for name in names if not name.startswith("portal.sqlite3")} == set(there)


def rewritten(file, change, *, honest=True):
    """Write a backup anew with other members; an honest forger mends the manifest."""
    with tarfile.open(file) as tar:
        members = [(member, tar.extractfile(member).read()) for member in tar]
    manifest = json.loads(members.pop()[1])
    members = change(members, manifest)
    if honest:
        manifest["members"] = {member.name: sha256(content).hexdigest() for member, content in members}
    members.append((tarfile.TarInfo("manifest.json"), json.dumps(manifest).encode()))
    with tarfile.open(file, "w", format=tarfile.USTAR_FORMAT) as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def extra(name, content=b"x", **changes):
    """Put a member of another name before the manifest."""

    def change(members, _):
        member = tarfile.TarInfo(name)
        for field, value in changes.items():
            setattr(member, field, value)
        return [*members, (member, content)]

    return change


def in_lines(table, old, new):
    """Change what stands in the rows of a table."""

    def change(members, _):
        changed = [
            (member, content.replace(old, new) if member.name.startswith(f"tables/{table}/") else content)
            for member, content in members
        ]
        assert changed != members
        return changed

    return change


def other_version(members, manifest):
    first = json.loads(members[0][1]) | {"revision": "0003"}
    manifest |= {"revision": "0003"}
    return [(members[0][0], json.dumps(first).encode()), *members[1:]]


def fewer_rows(members, manifest):
    manifest["rows"]["person"] += 1
    return members


def no_time(members, manifest):
    del manifest["made_at"]
    return members


def a_time_that_steers_a_terminal(members, manifest):
    manifest["made_at"] = "2026\x1b[2J"
    return members


SQLITE_ALONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


FORGERIES = (
    extra("../outside.pem"),
    extra("instance/trust/../../outside.pem"),
    extra("instance/trust/.."),
    extra("/outside.pem"),
    extra("instance/trust/a/b.pem"),
    extra("instance/portal.sqlite3"),
    extra("instance/trust/link.pem", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    extra("instance/trust/folder.pem", b"", type=tarfile.DIRTYPE),
    extra("tables/no_such_table/00000001.jsonl", b"{}\n"),
    extra("tables/person/00000009.jsonl", b""),
    extra("tables/person/00000009.jsonl", b"[" * 100_000),
    extra("tables/browser_session/00000001.jsonl", b"{}\n"),
    extra("instance/secret.key", bytes(31)),
    extra("backup.json", b"{}"),
    in_lines("person", b'"registered_at":"', b'"registered_at":"x'),
    in_lines("person", b'"stopped_at":null', b'"stopped_at":7'),
    in_lines("service_provider", b'"typed_mykey_ids":false', b'"typed_mykey_ids":"no"'),
    in_lines("service_provider", b'"name"', b'"other"'),
    in_lines("service_provider", SHOP.encode(), LIBRARY.encode()),
    fewer_rows,
    no_time,
    a_time_that_steers_a_terminal,
)


@SQLITE_ALONE
def test_what_we_did_not_write_is_refused_whole(file, told, elsewhere, tmp_path):
    whole = file.read_bytes()
    for number, change in enumerate(FORGERIES):
        file.write_bytes(whole)
        rewritten(file, change)
        assert told("restore", file, **elsewhere) == "backup-damaged", number
    nothing_is_restored(elsewhere)
    assert told("restore", "--check", file) == "backup-damaged"
    assert not (tmp_path / "outside.pem").exists()


@SQLITE_ALONE
def test_a_changed_member_and_another_version_are_refused(file, told, elsewhere):
    whole = file.read_bytes()
    rewritten(file, in_lines("service_provider", "見本図書館".encode(), "見本図書室".encode()), honest=False)
    assert told("restore", file, **elsewhere) == "backup-damaged"
    file.write_bytes(whole)
    rewritten(file, other_version)
    assert told("restore", file, **elsewhere) == "backup-of-another-version"
    nothing_is_restored(elsewhere)


@SQLITE_ALONE
def test_a_file_that_is_cut_off_anywhere_or_goes_on_is_refused(file, told, elsewhere):
    whole = file.read_bytes()
    end = len(whole.rstrip(b"\0"))
    for length in (0, 1, 511, 512, 700, len(whole) // 2, end - 600, end - 1):
        file.write_bytes(whole[:length])
        assert told("restore", file, **elsewhere) == "backup-damaged", length
    for more in (b"x", bytes(20_000)):
        file.write_bytes(whole + more)
        assert told("restore", file, **elsewhere) == "backup-damaged"
    nothing_is_restored(elsewhere)


@SQLITE_ALONE
def test_a_member_that_says_it_is_enormous_is_refused_unread(file, told, elsewhere):
    member = tarfile.TarInfo("tables/person/00000009.jsonl")
    member.size = 10**10
    file.write_bytes(member.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    assert told("restore", file, **elsewhere) == "backup-damaged"
    nothing_is_restored(elsewhere)


def test_what_is_left_out_is_a_table():
    assert set(service.TABLES) | LEFT_OUT == set(db.metadata.tables)


def test_a_restore_that_stopped_just_before_its_end_can_be_done_again(file, told, elsewhere):
    engine = create_engine(elsewhere["database_url"])
    with engine.connect() as connection, file.open("rb") as whole:
        restore(whole, connection, elsewhere["instance"])
        connection.rollback()
    engine.dispose()
    nothing_is_restored(elsewhere, {"secret.key", "trust"})
    assert isinstance(told("restore", file, **elsewhere), dict)


SAME_KIND = [("sqlite", "sqlite"), ("postgresql", "postgresql")]


@pytest.mark.parametrize(("database", "elsewhere"), SAME_KIND, indirect=True)
def test_the_memory_of_both_does_not_grow_with_the_rows(app, settings, elsewhere, tmp_path):
    with app.app_context():
        for _ in range(10):
            people = [{"person_id": uuid4(), "registered_at": NOW} for _ in range(2000)]
            db.session.execute(insert(Person), people)
        db.session.commit()
        with peak_below(8 * 2**20):
            service.write(db.session, settings.instance, tmp_path / "b.tar", NOW)
    engine = create_engine(elsewhere["database_url"])
    with engine.connect() as connection, (tmp_path / "b.tar").open("rb") as file:
        assert (tmp_path / "b.tar").stat().st_size > 1.5 * 2**20
        with peak_below(24 * 2**20):
            restore(file, connection, elsewhere["instance"])
    engine.dispose()


@contextmanager
def peak_below(limit):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()
