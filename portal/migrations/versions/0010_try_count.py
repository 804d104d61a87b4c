"""Tries of what nobody may guess, counted where every process finds them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
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
