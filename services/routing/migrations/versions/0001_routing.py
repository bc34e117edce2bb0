"""Directories, cases and clocks, and the relay's three tables."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directories",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("loaded_at", Moment, nullable=False),
    )
    op.create_table(
        "cases",
        sa.Column("ticket", sa.String(255), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("offered_to", sa.String(64)),
        sa.Column("directory", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    still_open = sa.text("status != 'closed'")
    for column in ("holder", "offered_to", "directory"):
        op.create_index(f"cases_{column}", "cases", [column], postgresql_where=still_open, sqlite_where=still_open)
    op.create_table(
        "clocks",
        sa.Column("ticket", sa.String(255), primary_key=True),
        sa.Column("clock", sa.String(16), primary_key=True),
        sa.Column("referral", sa.String(255), primary_key=True),
        sa.Column("mark", sa.String(320), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("due", Moment, nullable=False),
        sa.Column("next_at", Moment),
        sa.Column("office", sa.String(64)),
        sa.Column("coordinator", sa.String(64)),
        sa.Column("handoff", sa.String(255)),
        sa.Column("cause", sa.String(255), nullable=False),
        sa.Column("correlation", sa.String(255), nullable=False),
        sa.Column("confidential", sa.Boolean, nullable=False),
    )
    ticking = sa.text("next_at is not null")
    op.create_index("clocks_next", "clocks", ["next_at"], postgresql_where=ticking, sqlite_where=ticking)


def downgrade() -> None:
    for table in ("clocks", "cases", "directories"):
        op.drop_table(table)
