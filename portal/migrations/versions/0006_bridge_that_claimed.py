"""Which bridge a card session met: it is named to the citizen, and believed for nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("card_session", sa.Column("bridge", sa.String()))


def downgrade() -> None:
    op.drop_column("card_session", "bridge")
