"""Reports whose reporter asked to be forgotten. The release before knows nothing of the column, and needs not."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("erased_at", Moment))
