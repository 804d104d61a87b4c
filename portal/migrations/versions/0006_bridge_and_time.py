"""Which bridge a card session met, named to the citizen and believed for nothing else; how often it was prolonged."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("card_session", sa.Column("bridge", sa.String()))
    op.add_column("card_session", sa.Column("prolonged", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("card_session", "prolonged")
    op.drop_column("card_session", "bridge")
