"""The inbox knows what a message said."""

from estafet.relay import migration_steps

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_steps.keep_digests()
