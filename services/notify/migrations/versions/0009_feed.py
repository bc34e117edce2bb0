"""An office's messages, the newest first, are found without looking through all: for its feed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("recipient != 'reporter'")
    op.create_index("deliveries_feed", "deliveries", ["recipient", "id"], postgresql_where=where, sqlite_where=where)
