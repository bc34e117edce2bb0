"""Sums over a period: handoffs by when they began, and what is counted by week."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTED = sa.text(
    "name IN ('ticket.opened', 'ticket.resolved', 'deadline.passed', 'handoff.refused', 'ticket.convened')"
)
_DECIDED = sa.text("coordinator IS NOT NULL")


def upgrade() -> None:
    op.create_index("handoffs_began", "handoffs", ["began_at"])
    op.create_index("handoffs_decided", "handoffs", ["began_at"], postgresql_where=_DECIDED, sqlite_where=_DECIDED)
    op.create_index("chain_counted", "chain", ["time", "name"], postgresql_where=_COUNTED, sqlite_where=_COUNTED)
