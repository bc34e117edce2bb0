"""notify's own tables: directory, standings, reporters, packages and deliveries."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "standings",
        sa.Column("ticket", sa.String(255), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _reporters()
    _packages()
    _deliveries()


def _reporters() -> None:
    op.create_table(
        "reporters",
        sa.Column("ticket", sa.String(255), primary_key=True),
        sa.Column("given_at", Moment),
        sa.Column("erased_at", Moment),
        sa.Column("name", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("secret", sa.Text),
    )


def _packages() -> None:
    op.create_table(
        "packages",
        sa.Column("referral", sa.String(255), primary_key=True),
        sa.Column("ticket", sa.String(255), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("packages_ticket", "packages", ["ticket"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("event_source", sa.String(255), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("correlation_id", sa.String(255), nullable=False),
        sa.Column("ticket", sa.String(255), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("confidential", sa.Boolean, nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("channel", sa.String(16)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("next_attempt", Moment),
        sa.Column("claim", sa.String(36)),
        sa.Column("claimed_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("error", sa.String(64)),
        sa.UniqueConstraint("event_source", "event_id", "recipient", "template", name="deliveries_once"),
    )
    op.create_index("deliveries_ticket", "deliveries", ["ticket"])
    for name, columns, state in (
        ("deliveries_due", ["next_attempt", "id"], "created"),
        ("deliveries_sending", ["claimed_at"], "sending"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "deliveries", columns, postgresql_where=where, sqlite_where=where)
