"""Who did what at a desk: the account behind each message of an office. The release before notes none."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acts",
        sa.Column("message", sa.String(36), primary_key=True),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("account", sa.String(36), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("acts_of", "acts", ["code"])
    op.create_index("acts_by", "acts", ["account", "at"])
    op.create_index("acts_at", "acts", ["at"])
