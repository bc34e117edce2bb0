"""A reporter who writes by Telegram is reached by the id of their chat."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before goes on beside it: it neither writes nor reads the column."""
    op.add_column("reporters", sa.Column("telegram", sa.Text))
