"""People sign in at their desk: their accounts, and the browsers they signed in with."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("office", sa.String(64)),
        sa.Column("password", sa.String(200)),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(36), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_index("sessions_of", "sessions", ["account"])
    op.create_index("sessions_seen", "sessions", ["seen_at"])
