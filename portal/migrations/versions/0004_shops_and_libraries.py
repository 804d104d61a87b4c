"""Shops and libraries: what is set for a provider, its staff, its terminals, and what is handed over to it."""

import sqlalchemy as sa
from alembic import op

from portal.models.base import UtcDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("suspended_at", "picture", "check_digit", "handoff_url", "handoff_key"):
        kind = UtcDateTime() if name == "suspended_at" else sa.String()
        op.add_column("service_provider", sa.Column(name, kind))
    first_links = sa.Column("first_links", sa.String(), nullable=False, server_default="staffed")
    op.add_column("service_provider", first_links)
    op.add_column(
        "service_provider", sa.Column("typed_mykey_ids", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    if (
        op.get_context().dialect.name == "postgresql"
    ):  # in the order that SQLite has, so that an index finds a beginning
        op.alter_column("service_link", "service_id", type_=sa.String(collation="C"))
    op.add_column("staff", sa.Column("service_provider_id", sa.String()))
    op.create_table(
        "pending_link",
        sa.Column("service_provider_id", sa.String(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True, index=True),
        sa.Column("service_id", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
    )
    op.create_table(
        "link_file",
        sa.Column("file_id", sa.Uuid(), primary_key=True),
        sa.Column("service_provider_id", sa.String(), nullable=False, index=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("loaded_at", UtcDateTime(), nullable=False),
        sa.Column("loaded_by", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("imported_at", UtcDateTime()),
    )
    op.create_table(
        "monthly_figure",
        sa.Column("service_provider_id", sa.String(), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("what", sa.String(), primary_key=True),
        sa.Column("times", sa.Integer(), nullable=False),
    )
    op.create_table(
        "terminal",
        sa.Column("terminal_id", sa.Uuid(), primary_key=True),
        sa.Column("service_provider_id", sa.String(), nullable=False, index=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("staffed", sa.Boolean(), nullable=False),
        sa.Column("stays_armed", sa.Boolean(), nullable=False),
        sa.Column("handoff", sa.String(), nullable=False),
        sa.Column("bridge_code_hash", sa.String(), unique=True),
        sa.Column("page_code_hash", sa.String(), unique=True),
        sa.Column("codes_until", UtcDateTime()),
        sa.Column("token_hash", sa.String(), unique=True),
        sa.Column("page_hash", sa.String(), unique=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime()),
        sa.Column("locked_at", UtcDateTime()),
        sa.Column("revoked_at", UtcDateTime()),
    )
    op.create_table(
        "desk",
        sa.Column("terminal_id", sa.Uuid(), primary_key=True),
        sa.Column("asks", sa.String()),
        sa.Column("asks_until", UtcDateTime()),
        sa.Column("certificate", sa.LargeBinary()),
        sa.Column("mykey_id", sa.String()),
        sa.Column("service_id", sa.String()),
        sa.Column("problem", sa.String()),
        sa.Column("result", sa.String()),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "handoff_message",
        sa.Column("message_id", sa.String(), primary_key=True),
        sa.Column("service_provider_id", sa.String(), nullable=False, index=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False, index=True),
        sa.Column("due_at", UtcDateTime(), index=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String()),
        sa.Column("delivered_at", UtcDateTime()),
    )


def downgrade() -> None:
    for table in ("handoff_message", "desk", "terminal", "monthly_figure", "link_file", "pending_link"):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("service_link", "service_id", type_=sa.String(collation="default"))
    with op.batch_alter_table("staff") as staff:
        staff.drop_column("service_provider_id")
    with op.batch_alter_table("service_provider") as provider:
        for name in ("suspended_at", "picture", "check_digit", "first_links", "typed_mykey_ids"):
            provider.drop_column(name)
        for name in ("handoff_url", "handoff_key"):
            provider.drop_column(name)
