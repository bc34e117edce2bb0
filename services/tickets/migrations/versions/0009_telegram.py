"""A reporter who writes by Telegram is reached by the id of their chat.

The release before goes on beside it: a chat that it is given, it drops.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reporters", sa.Column("telegram", sa.String(20)))
