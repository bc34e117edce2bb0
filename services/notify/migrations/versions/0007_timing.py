"""Readers' preferences; deliveries know the report's version and the digest they go with."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before goes on beside it: what it records has neither version nor digest, which is allowed."""
    op.add_column("deliveries", sa.Column("version", sa.Integer))
    op.add_column("deliveries", sa.Column("digest", sa.String(36)))
    for name, columns, condition in (
        ("deliveries_in_flight", ["recipient", "ticket"], "state = 'sending'"),
        ("deliveries_waiting", ["recipient", "ticket"], "state = 'created'"),
        ("deliveries_digest", ["digest"], "digest is not null"),
    ):
        where = sa.text(condition)
        op.create_index(name, "deliveries", columns, postgresql_where=where, sqlite_where=where)
    op.create_table(
        "preferences",
        sa.Column("reader", sa.String(255), primary_key=True),
        sa.Column("channel", sa.String(16)),
        sa.Column("language", sa.String(8)),
        sa.Column("digest", sa.String(5)),
        sa.Column("quiet", sa.String(17)),
        sa.Column("changed_at", Moment, nullable=False),
    )
