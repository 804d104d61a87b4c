"""Figures of a day, refusals among them; what a terminal's program calls itself; what expires, and what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table("daily_figure", *_columns("day", "code"))
    op.create_index("ix_daily_figure_day", "daily_figure", ["day"])
    op.execute("INSERT INTO daily_figure SELECT service_provider_id, month, what, '', times FROM monthly_figure")
    op.drop_table("monthly_figure")
    op.add_column("terminal", sa.Column("bridge", sa.String()))
    current, waiting = sa.text("retired_at IS NULL"), sa.text("delivered_at IS NULL")
    op.create_index(
        "ix_certificate_current_not_after",
        "certificate",
        ["not_after"],
        postgresql_where=current,
        sqlite_where=current,
    )
    op.create_index(
        "ix_handoff_message_waiting",
        "handoff_message",
        ["service_provider_id", "due_at"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )


def downgrade() -> None:
    op.drop_index("ix_handoff_message_waiting", "handoff_message")
    op.drop_index("ix_certificate_current_not_after", "certificate")
    op.drop_column("terminal", "bridge")
    op.create_table("monthly_figure", *_columns("month"))
    first = "date(day, 'start of month')" if op.get_bind().dialect.name == "sqlite" else "date_trunc('month', day)"
    op.execute(
        f"INSERT INTO monthly_figure SELECT service_provider_id, {first}, what, sum(times) FROM daily_figure "  # noqa: S608
        "WHERE code = '' AND service_provider_id <> '' GROUP BY 1, 2, 3"
    )
    op.drop_table("daily_figure")


def _columns(day: str, *more: str) -> list[sa.schema.SchemaItem]:
    keys = ("service_provider_id", day, "what", *more)
    table = "daily_figure" if more else "monthly_figure"
    return [
        *(sa.Column(key, sa.Date() if key == day else sa.String(), nullable=False) for key in keys),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}"),
    ]
