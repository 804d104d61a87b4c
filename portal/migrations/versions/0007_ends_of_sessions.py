"""What a session rests on: the version of the record of who signed in; and whose it is, to be listed and ended."""

import sqlalchemy as sa
from alembic import op

from portal.models.base import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("DELETE FROM browser_session")  # they do not say what they rest on
    op.add_column("browser_session", sa.Column("person_id", sa.Uuid()))
    op.create_index("ix_browser_session_person_id", "browser_session", ["person_id"])
    op.add_column("card_session", sa.Column("version", sa.Integer()))
    for table in ("person", "staff"):
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("staff", "signed_out_at")


def downgrade() -> None:
    op.execute("DELETE FROM browser_session")
    op.add_column("staff", sa.Column("signed_out_at", UtcDateTime()))
    for table in ("staff", "person", "card_session"):
        op.drop_column(table, "version")
    op.drop_index("ix_browser_session_person_id", "browser_session")
    op.drop_column("browser_session", "person_id")
