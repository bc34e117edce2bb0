"""A reporter may stop everyday letters about a report."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reporters", sa.Column("stopped_at", Moment))
