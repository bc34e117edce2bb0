"""Directories, cases and clocks, beside the relay's outbox, inbox and deferred."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _directories()
    _cases()
    _clocks()
    _outbox()
    _inbox()
    _deferred()


def downgrade() -> None:
    for table in ("deferred", "inbox", "outbox", "clocks", "cases", "directories"):
        op.drop_table(table)


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


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("exchange", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("correlation_id", sa.String(255), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("published_at", Moment),
        sa.Column("unrouted_at", Moment),
        sa.Column("settled_at", Moment),
    )
    _index("outbox_unpublished", "outbox", "id", where="published_at is null")
    _index("outbox_unsettled", "outbox", "id", where="published_at is not null and settled_at is null")


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("subscription", sa.String(128), primary_key=True),
        sa.Column("source", sa.String(255), primary_key=True),
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("handled_at", Moment, nullable=False),
    )


def _deferred() -> None:
    op.create_table(
        "deferred",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("subscription", sa.String(128), nullable=False),
        sa.Column("source", sa.String(255)),
        sa.Column("event_id", sa.String(255)),
        sa.Column("name", sa.String(64)),
        sa.Column("subject", sa.String(255)),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("publisher", sa.String(64)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("error", sa.String(128), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("place", sa.String(255), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_at", Moment, nullable=False),
        sa.Column("last_at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("ended_by", sa.String(128)),
        sa.Column("ended_why", sa.Text),
    )
    _index("deferred_due", "deferred", "due_at", where="state = 'waiting'")
    _index("deferred_group", "deferred", "state", "subscription", "error", "place")
