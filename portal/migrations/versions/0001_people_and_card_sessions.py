"""People, their certificates and IDs; card sessions and browser sessions."""

import sqlalchemy as sa
from alembic import op

from portal.models.base import Hex, HexNumber, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "certificate",
        sa.Column("issuer_key_id", Hex(), primary_key=True),
        sa.Column("serial_number", HexNumber(), primary_key=True),
        sa.Column("public_key_digest", Hex(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "mykey_id",
        sa.Column("mykey_id", sa.String(14), primary_key=True),
        sa.Column("terminal_code", sa.String(9), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime()),
    )
    op.create_table(
        "card_session",
        sa.Column("card_session_id", sa.Uuid(), primary_key=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ending", sa.String()),
        sa.Column("problem", sa.String()),
        sa.Column("match_code", sa.String(), nullable=False),
        sa.Column("flow_hash", sa.String(), nullable=False, unique=True),
        sa.Column("handle_hash", sa.String(), nullable=False, unique=True),
        sa.Column("pairing_hash", sa.String(), unique=True),
        sa.Column("claim_hash", sa.String(), unique=True),
        sa.Column("claimed_by", sa.String()),
        sa.Column("nonce", sa.String()),
        sa.Column("nonce_spent", sa.Boolean(), nullable=False),
        sa.Column("completion_hash", sa.String(), index=True),
        sa.Column("wrong_digits", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.LargeBinary()),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
    )
    op.create_table(
        "browser_session",
        sa.Column("key_hash", sa.String(), primary_key=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False, index=True),
    )


def downgrade() -> None:
    for table in ("browser_session", "card_session", "mykey_id", "certificate", "person"):
        op.drop_table(table)
