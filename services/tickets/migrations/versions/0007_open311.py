"""What Open311 needs: which app sent a report, where exactly it is, and when something last happened to it.

The release before fills none of it, and needs not: what it opens was sent by nobody known, and is listed all the same.
"""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NOT_CONFIDENTIAL = {"postgresql": sa.text("confidential IS false"), "sqlite": sa.text("confidential IS 0")}
_SENT = sa.text("app IS NOT NULL")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("app", sa.String(64)))
    op.add_column("tickets", sa.Column("updated_at", Moment))
    op.add_column("tokens", sa.Column("app", sa.String(64)))
    op.add_column("texts", sa.Column("lat", sa.Float))
    op.add_column("texts", sa.Column("long", sa.Float))
    op.add_column("texts", sa.Column("address", sa.String(300)))
    op.add_column("texts", sa.Column("media_url", sa.Text))
    listed = _NOT_CONFIDENTIAL[op.get_bind().dialect.name]
    op.create_index("tickets_listed", "tickets", ["opened_at", "code"], postgresql_where=listed, sqlite_where=listed)
    op.create_index("tickets_sent", "tickets", ["app", "updated_at"], postgresql_where=_SENT, sqlite_where=_SENT)
