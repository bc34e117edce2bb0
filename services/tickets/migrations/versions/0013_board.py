"""Ratings, and when a report was resolved.

The release before fills ``resolved_at`` of nothing; what it resolves is dated by the message that says so, as is what
was resolved before.
"""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ELEMENTS = "requirements procedure time cost result competence conduct complaints facilities"
_UNDATED = sa.text("resolved_message IS NOT NULL AND resolved_at IS NULL")
_OPEN = sa.text("status NOT IN ('resolved', 'closed')")


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("code", sa.String(32), sa.ForeignKey("tickets.code"), primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("office", sa.String(64)),
        *(sa.Column(each, sa.SmallInteger) for each in _ELEMENTS.split()),
        sa.Column("offices_contacted", sa.SmallInteger),
    )
    op.create_index("ratings_at", "ratings", ["at"])
    op.create_table(
        "remarks",
        sa.Column("code", sa.String(32), sa.ForeignKey("tickets.code"), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.add_column("tickets", sa.Column("resolved_at", Moment))
    op.create_index("tickets_undated", "tickets", ["code"], postgresql_where=_UNDATED, sqlite_where=_UNDATED)
    op.create_index("tickets_open", "tickets", ["opened_at"], postgresql_where=_OPEN, sqlite_where=_OPEN)
