"""The link by which a terminal's page opens the business system, and whether it keeps to one window."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("terminal", sa.Column("handoff_link", sa.String()))
    op.add_column("terminal", sa.Column("one_window", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("terminal", "one_window")
    op.drop_column("terminal", "handoff_link")
