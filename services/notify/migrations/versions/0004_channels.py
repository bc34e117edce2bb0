"""Deliveries over several channels: longer states, the provider, the channels that failed; and addresses that bounced.

The release before goes on beside this one: it reads and writes ``created`` and ``sending``, as this one does, ends
deliveries as ``sent`` or ``failed``, which are read as what they mean (`states.read`), and knows nothing of the rest.
"""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.alter_column("state", existing_type=sa.String(16), type_=sa.String(32), existing_nullable=False)
        deliveries.add_column(sa.Column("provider", sa.String(64)))
        deliveries.add_column(sa.Column("passed", sa.String(64)))
    op.create_table(
        "addresses",
        sa.Column("address", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("marked_at", Moment, nullable=False),
    )
