"""Staff, their passkeys and one-time links."""

import sqlalchemy as sa
from alembic import op

from portal.models.base import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("suspended_at", UtcDateTime()),
        sa.Column("signed_out_at", UtcDateTime()),
    )
    op.create_table(
        "passkey",
        sa.Column("credential_id", sa.String(), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime()),
    )
    op.create_table(
        "staff_link",
        sa.Column("link_hash", sa.String(), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False, index=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )


def downgrade() -> None:
    for table in ("staff_link", "passkey", "staff"):
        op.drop_table(table)
