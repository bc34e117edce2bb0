"""The relay's tables as migrations make them: one function a step, called by each service's own migration.

A step that has been released never changes; what the tables become later is a function after it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment


def create() -> None:
    """Step 1: outbox, inbox and deferred."""
    op.create_table(
        "deferred",
        sa.Column("id", sa.String(36), nullable=False),
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
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "deferred_due",
        "deferred",
        ["due_at"],
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_index("deferred_group", "deferred", ["state", "subscription", "error", "place"])
    op.create_table(
        "inbox",
        sa.Column("subscription", sa.String(128), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("handled_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("subscription", "source", "id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("exchange", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("correlation_id", sa.String(255), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("published_at", Moment),
        sa.Column("unrouted_at", Moment),
        sa.Column("settled_at", Moment),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "outbox_unpublished",
        "outbox",
        ["id"],
        postgresql_where=sa.text("published_at IS NULL"),
        sqlite_where=sa.text("published_at IS NULL"),
    )
    op.create_index(
        "outbox_unsettled",
        "outbox",
        ["id"],
        postgresql_where=sa.text("published_at IS NOT NULL AND settled_at IS NULL"),
        sqlite_where=sa.text("published_at IS NOT NULL AND settled_at IS NULL"),
    )


def keep_digests() -> None:
    """Step 2: the inbox knows what a message said. Empty for those that an earlier release handles."""
    op.add_column("inbox", sa.Column("digest", sa.String(32)))
