"""The relay's three tables."""

from estafet.relay import migration_steps

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_steps.create()
