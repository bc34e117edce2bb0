"""When a report was closed, and why its reporter was erased: what retention needs to know.

The release before fills neither, and needs not: what it closes is found out later, from the chain.
"""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEEPING = sa.text("status = 'closed' AND erased_at IS NULL")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("closed_at", Moment))
    op.add_column("tickets", sa.Column("erased_why", sa.String(16)))
    op.create_index("tickets_keeping", "tickets", ["closed_at"], postgresql_where=_KEEPING, sqlite_where=_KEEPING)
