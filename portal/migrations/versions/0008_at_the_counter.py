"""How a clerk has seen who the visitor is, and how a MyKey ID was stopped: until now by its stop code alone."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for column in ("identity", "identity_note"):
        op.add_column("visit", sa.Column(column, sa.String()))
    op.add_column("person", sa.Column("stopped_by", sa.String()))
    op.execute("UPDATE person SET stopped_by = 'stop-code' WHERE stopped_at IS NOT NULL")


def downgrade() -> None:
    op.drop_column("person", "stopped_by")
    for column in ("identity_note", "identity"):
        op.drop_column("visit", column)
