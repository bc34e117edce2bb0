"""Directories, cases and clocks."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _directories()
    _cases()
    _clocks()


def _index(name: str, table: str, *columns: str, where: str | None = None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)


def _directories() -> None:
    op.create_table(
        "directories",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.String(64), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("loaded_at", Moment, nullable=False),
    )


def _cases() -> None:
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
    for column in ("holder", "offered_to", "directory"):
        _index(f"cases_{column}", "cases", column, where="status != 'closed'")


def _clocks() -> None:
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
    _index("clocks_next", "clocks", "next_at", where="next_at is not null")
