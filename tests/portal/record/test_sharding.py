"""The tables can be laid over many hosts (docs/scaling.md): the rules of docs/decisions/08, over the metadata."""

from sqlalchemy import UniqueConstraint, Uuid
from sqlalchemy.schema import Sequence

from portal.models import Base

SHARDED_BY = {
    "person": "person_id",
    "certificate": "serial_number",
    "mykey_id": "mykey_id",
    "taken_string": "string",
    "reservation": "receipt_number",
    "stop_code": "code_hash",
    "carry_over_code": "code_hash",
    "move": "move_id",
    "service_link": "service_provider_id",
    "pending_link": "service_provider_id",
    "id_use": "use_id",
    "audit_entry": "number",
    "browser_session": "key_hash",
    "try_count": "bucket",
    "handoff_message": "message_id",
}
"""What grows with people and their look-ups, and the column by which it lies apart."""
EVERYWHERE = {"service_provider", "terminal", "desk", "staff", "passkey", "staff_link", "daily_figure"}
"""Small, and a copy on each host (a reference table)."""
AT_ONE_PLACE = {
    "audit_head",
    "card_session",
    "visit",
    "review",
    "link_file",
    "correspondence_file",
    "correspondence_line",
}
"""What lives for minutes, waits for staff, or is the one end of the chain."""
TABLES = Base.metadata.tables


def unique_keys(table):
    yield set(table.primary_key.columns.keys())
    yield from (set(each.columns.keys()) for each in table.constraints if isinstance(each, UniqueConstraint))
    yield from (set(each.columns.keys()) for each in table.indexes if each.unique)


def test_each_table_has_its_place():
    assert sorted([*SHARDED_BY, *EVERYWHERE, *AT_ONE_PLACE]) == sorted(TABLES)


def test_every_unique_key_of_a_table_that_lies_apart_holds_the_column_by_which_it_does():
    columns = SHARDED_BY.items()
    lacking = [(name, key) for name, column in columns for key in unique_keys(TABLES[name]) if column not in key]
    assert lacking == []


def test_no_key_comes_from_a_sequence():
    columns = [column for table in TABLES.values() for column in table.columns]
    assert [each for each in columns if isinstance(each.default, Sequence) or each.identity] == []
    counted = {table.name: table.autoincrement_column for table in TABLES.values()}
    assert [name for name, column in counted.items() if column is not None] == []


def test_no_foreign_key_joins_tables_that_lie_apart():
    assert [str(each) for table in TABLES.values() for each in table.foreign_keys] == []


def test_what_people_are_known_by_is_random():
    assert isinstance(TABLES["person"].c.person_id.type, Uuid)
