"""What sessions rest on, what a move keeps for its undo, links into business systems, and counted tries."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from portal.models.base import UtcDateTime

revision = "0007"
down_revision = "0006"

KEPT = (
    *("person", "certificate", "mykey_id"),
    *("service_link", "pending_link", "reservation", "stop_code", "carry_over_code"),
)


def upgrade() -> None:
    op.execute("DELETE FROM browser_session")  # they do not say what they rest on
    op.add_column("browser_session", sa.Column("person_id", sa.Uuid()))
    op.create_index("ix_browser_session_person_id", "browser_session", ["person_id"])
    op.add_column("card_session", sa.Column("version", sa.Integer()))
    for table in ("person", "staff"):
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("staff", "signed_out_at")

    op.add_column("move", sa.Column("before", sa.JSON()))
    op.add_column("move", sa.Column("aside", sa.JSON()))
    op.add_column("move", sa.Column("kept_until", UtcDateTime()))
    op.create_index("ix_move_kept_until", "move", ["kept_until"])
    _keep_records()
    op.drop_column("move", "joined")

    op.add_column("terminal", sa.Column("handoff_link", sa.String()))
    op.add_column("terminal", sa.Column("one_window", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "try_count",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name="pk_try_count"),
    )
    op.create_index("ix_try_count_ends_at", "try_count", ["ends_at"])


def downgrade() -> None:
    op.drop_table("try_count")
    op.drop_column("terminal", "one_window")
    op.drop_column("terminal", "handoff_link")

    op.drop_index("ix_move_kept_until", "move")
    for column in ("kept_until", "aside", "before"):
        op.drop_column("move", column)
    op.add_column("move", sa.Column("joined", sa.JSON()))

    op.execute("DELETE FROM browser_session")
    op.add_column("staff", sa.Column("signed_out_at", UtcDateTime()))
    for table in ("staff", "person", "card_session"):
        op.drop_column(table, "version")
    op.drop_index("ix_browser_session_person_id", "browser_session")
    op.drop_column("browser_session", "person_id")


def _keep_records() -> None:
    """Keep for each move that may be undone the record as it is today, but for what the move itself has changed.

    Where two records were joined, only the counter can part them.
    """
    bind, found = op.get_bind(), sa.MetaData()
    found.reflect(bind, only=["move", *KEPT])
    move = found.tables["move"]
    open_moves = sa.select(move).where(move.c.undone_at.is_(None), move.c.undo_until.is_not(None))
    for each in bind.execute(open_moves).mappings().all():
        if not each["joined"]:
            theirs = {name: sa.select(found.tables[name]).filter_by(person_id=each["person_id"]) for name in KEPT}
            rows = {name: [_plain(row) for row in bind.execute(these).mappings()] for name, these in theirs.items()}
            values = {"before": _without(each, rows) | {"id_use": []}, "kept_until": each["undo_until"]}
            bind.execute(move.update().where(move.c.move_id == each["move_id"]).values(values))


def _without(move: Any, rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Take out of a record what the move changed: which certificate and which ID are the current ones."""
    for row in rows["certificate"]:
        row["serial_number"] = row["serial_number"].lstrip("0")
    for table, names in {"certificate": ["serial_number"], "mykey_id": ["mykey_id", "terminal_code"]}.items():
        old = [move[f"old_{name}"] for name in names]
        if None not in old:  # None for an ID that stayed
            rows[table] = [row for row in rows[table] if row["retired_at"]]
            for row in rows[table]:
                row["retired_at"] = None if [row[name] for name in names] == old else row["retired_at"]
    return rows


def _plain(row: Any) -> dict[str, Any]:
    """Write a row as JSON holds it, whatever the kind of database gives."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        return value.hex() if isinstance(value, bytes) else str(value) if isinstance(value, UUID) else value

    return {name: plain(value) for name, value in row.items()}
