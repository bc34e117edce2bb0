"""What offices search for is found by indices: a code's beginning, and the words of a text.

For words PostgreSQL alone has one: where SQLite serves, reports are few.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("tickets_begin", "tickets", ["code"], postgresql_ops={"code": "varchar_pattern_ops"})
    if op.get_bind().dialect.name == "postgresql":
        # Comes with the server; the owner of a database may put it there (PostgreSQL, trusted extensions).
        op.execute("create extension if not exists pg_trgm")
        op.execute("create index texts_words on texts using gin (lower(text) gin_trgm_ops)")
