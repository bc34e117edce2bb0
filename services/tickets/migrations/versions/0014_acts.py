"""Who did what at a desk: the account behind each message of an office. And desks' lists look through what is open.

And of the city's directory it is known which message said it. The release before notes neither, and goes on with these
indices: it takes longer to search.
"""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_OPEN = sa.text("status <> 'closed'")
_LISTS = {"held": ["holder", "held_since"], "due": ["holder", "resolve_by"], "guarded": ["guardian", "held_since"]}


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
    for name, columns in _LISTS.items():
        indexed = [*columns, "code"]
        op.create_index(f"tickets_{name}_open", "tickets", indexed, postgresql_where=_OPEN, sqlite_where=_OPEN)
        op.drop_index(f"tickets_{name}", "tickets")
    op.drop_index("tickets_begin", "tickets")
    op.execute("drop index if exists texts_words")
    op.add_column("directory", sa.Column("message", sa.String(255)))
