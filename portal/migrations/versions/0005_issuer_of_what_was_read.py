"""The issuer's key of a certificate that was read and verified: one row names it, whoever checks it next."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("card_session", sa.Column("issuer_key_id", sa.String()))
    op.add_column("visit", sa.Column("after_issuer_key_id", sa.String()))


def downgrade() -> None:
    op.drop_column("visit", "after_issuer_key_id")
    op.drop_column("card_session", "issuer_key_id")
