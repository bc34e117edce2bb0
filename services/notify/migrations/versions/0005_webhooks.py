"""Webhooks: endpoints, what each is to hear, and what was tried."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _endpoints()
    _deliveries()
    _attempts()


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("owner", sa.String(255), nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("categories", sa.Text, nullable=False),
        sa.Column("confidential", sa.Boolean, nullable=False),
        sa.Column("secret", sa.String(128), nullable=False),
        sa.Column("old_secret", sa.String(128)),
        sa.Column("old_until", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("off_at", Moment),
        sa.Column("switched_at", Moment),
        sa.Column("switched_by", sa.String(128)),
        sa.Column("switched_why", sa.Text),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("notice_due", Moment),
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("endpoint", sa.String(36), nullable=False),
        sa.Column("event_source", sa.String(255), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("ticket", sa.String(255)),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("next_attempt", Moment),
        sa.Column("claim", sa.String(36)),
        sa.Column("claimed_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("error", sa.String(64)),
        sa.UniqueConstraint("endpoint", "event_source", "event_id", name="webhook_deliveries_once"),
    )
    created, sending = sa.text("state = 'created'"), sa.text("state = 'sending'")
    op.create_index(
        "webhook_deliveries_due",
        "webhook_deliveries",
        ["endpoint", "next_attempt", "id"],
        postgresql_where=created,
        sqlite_where=created,
    )
    op.create_index(
        "webhook_deliveries_sending",
        "webhook_deliveries",
        ["claimed_at"],
        postgresql_where=sending,
        sqlite_where=sending,
    )
    op.create_index("webhook_deliveries_ended", "webhook_deliveries", ["ended_at"])


def _attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("delivery", sa.String(36), nullable=False),
        sa.Column("endpoint", sa.String(36), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error", sa.String(64)),
    )
    op.create_index("webhook_attempts_endpoint", "webhook_attempts", ["endpoint", "at"])
    op.create_index("webhook_attempts_at", "webhook_attempts", ["at"])
