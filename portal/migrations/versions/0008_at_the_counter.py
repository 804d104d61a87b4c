"""How a clerk has seen who the visitor is."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for column in ("identity", "identity_note"):
        op.add_column("visit", sa.Column(column, sa.String()))


def downgrade() -> None:
    for column in ("identity_note", "identity"):
        op.drop_column("visit", column)
