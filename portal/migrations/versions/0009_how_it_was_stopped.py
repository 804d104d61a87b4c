"""How a MyKey ID was stopped: until now by its stop code alone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("person", sa.Column("stopped_by", sa.String()))
    op.execute("UPDATE person SET stopped_by = 'stop-code' WHERE stopped_at IS NOT NULL")


def downgrade() -> None:
    op.drop_column("person", "stopped_by")
