"""Guessing is counted; a telephone's codes are asked for beside the password; what others set as one is changed."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("must_change", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("accounts", sa.Column("factor", sa.String(255)))
    op.add_column("accounts", sa.Column("factor_step", sa.BigInteger))
    op.create_table(
        "recovery_codes",
        sa.Column("account", sa.String(36), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
    )
    op.create_table(
        "tries",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Moment),
        sa.Column("tried_at", Moment, nullable=False),
    )
    op.create_index("tries_at", "tries", ["tried_at"])
