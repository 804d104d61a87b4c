"""The life of a MyKey ID: reservations, continuity, the counter, service links, the audit chain."""

import sqlalchemy as sa
from alembic import op

from portal.models.base import Hex, UtcDateTime

revision = "0002"
down_revision = "0001"

CERTIFICATE = ("issuer_key_id", "serial_number")


def upgrade() -> None:
    _people()
    _services()
    _continuity()
    _counter()
    _audit()


def downgrade() -> None:
    for made in (
        *("audit_head", "audit_entry", "review", "visit", "correspondence_line", "correspondence_file"),
        *("carry_over_code", "move", "id_use", "service_link", "service_provider"),
        *("stop_code", "reservation", "taken_string"),
    ):
        op.drop_table(made)
    with op.batch_alter_table("card_session") as table:
        table.drop_column("parameters")
    with op.batch_alter_table("certificate") as table:
        table.drop_index("ix_certificate_random_string")
        for column in ("retired_at", "terminal_code", "random_string"):
            table.drop_column(column)
    with op.batch_alter_table("person") as table:
        for column in ("stopped_at", "ended_at"):
            table.drop_column(column)


def _people() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("ended_at", UtcDateTime()))
        table.add_column(sa.Column("stopped_at", UtcDateTime()))
    with op.batch_alter_table("certificate") as table:
        table.add_column(sa.Column("random_string", sa.String(14)))
        table.add_column(sa.Column("terminal_code", sa.String(9)))
        table.add_column(sa.Column("retired_at", UtcDateTime()))
    with op.batch_alter_table("card_session") as table:
        table.add_column(sa.Column("parameters", sa.JSON(), nullable=False, server_default="{}"))
    # until now each person had one certificate, and one ID that was its common name
    op.execute(
        "UPDATE certificate SET (random_string, terminal_code) = "
        "(SELECT mykey_id, terminal_code FROM mykey_id WHERE mykey_id.person_id = certificate.person_id)"
    )
    with op.batch_alter_table("certificate") as table:
        table.alter_column("random_string", nullable=False, existing_type=sa.String(14))
        table.alter_column("terminal_code", nullable=False, existing_type=sa.String(9))
        table.create_index("ix_certificate_random_string", ["random_string"])
    op.create_table(
        "taken_string",
        sa.Column("string", sa.String(14), primary_key=True),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("reserved_at", UtcDateTime()),
        sa.Column("reserved_until", UtcDateTime()),
    )
    op.execute("INSERT INTO taken_string (string, use) SELECT DISTINCT mykey_id, 'default' FROM mykey_id")
    op.create_table(
        "reservation",
        sa.Column("receipt_number", sa.String(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("mykey_id", sa.String(14), nullable=False),
        sa.Column("reserved_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("ending", sa.String()),
    )
    op.create_table(
        "stop_code",
        sa.Column("code_hash", Hex(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
    )


def _services() -> None:
    op.create_table(
        "service_provider",
        sa.Column("service_provider_id", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "service_link",
        sa.Column("service_provider_id", sa.String(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True, index=True),
        sa.Column("service_id", sa.String(), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.UniqueConstraint("service_provider_id", "service_id", name="uq_service_link_service_provider_id"),
    )
    op.create_table(
        "id_use",
        sa.Column("use_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("service_provider_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=False, index=True),
    )


def _continuity() -> None:
    op.create_table(
        "move",
        sa.Column("move_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        *(sa.Column(f"{age}_{name}", sa.String(), nullable=False) for age in ("old", "new") for name in CERTIFICATE),
        sa.Column("old_mykey_id", sa.String(14)),
        sa.Column("old_terminal_code", sa.String(9)),
        sa.Column("joined", sa.JSON()),
        sa.Column("undo_until", UtcDateTime()),
        sa.Column("undone_at", UtcDateTime()),
    )
    op.create_table(
        "carry_over_code",
        sa.Column("code_hash", sa.String(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "correspondence_file",
        sa.Column("file_id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("loaded_at", UtcDateTime(), nullable=False),
        sa.Column("loaded_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime()),
        sa.Column("confirmed_by", sa.Uuid()),
    )
    op.create_table(
        "correspondence_line",
        *(sa.Column(f"new_{name}", sa.String(), primary_key=True) for name in CERTIFICATE),
        *(sa.Column(f"old_{name}", sa.String(), nullable=False) for name in CERTIFICATE),
        sa.Column("file_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )


def _counter() -> None:
    op.create_table(
        "visit",
        sa.Column("visit_number", sa.String(), primary_key=True),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("old_issuer_key_id", sa.String(), nullable=False),
        sa.Column("old_serial_number", sa.String(), nullable=False),
        sa.Column("for_reservation", sa.Boolean(), nullable=False),
        sa.Column("before_read_at", UtcDateTime()),
        sa.Column("after", sa.LargeBinary()),
        sa.Column("reason", sa.String()),
        sa.Column("asked_by", sa.Uuid()),
        sa.Column("ended_at", UtcDateTime()),
    )
    op.create_table(
        "review",
        sa.Column("review_key", sa.String(), primary_key=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("closed_by", sa.Uuid()),
        sa.Column("reason", sa.String()),
    )


def _audit() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("details", sa.String()),
        sa.Column("details_digest", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("head_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
    )
    op.bulk_insert(head, [{"head_id": 1, "number": 0, "digest": bytes(32)}])
