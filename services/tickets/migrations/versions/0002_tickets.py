"""Reports, custody and the chain."""

import sqlalchemy as sa
from alembic import op

from estafet.relay.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "directory",
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_index("idempotency_at", "idempotency", ["at"])
    op.create_table(
        "tickets",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(255)),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("correlation", sa.String(255), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("place", sa.String(64)),
        sa.Column("confidential", sa.Boolean, nullable=False),
        sa.Column("reachable", sa.Boolean, nullable=False),
        sa.Column("front_desk", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("held_since", Moment, nullable=False),
        sa.Column("custody_message", sa.String(36), nullable=False),
        sa.Column("guardian", sa.String(64)),
        sa.Column("former", sa.JSON, nullable=False),
        sa.Column("bound_by", sa.String(64)),
        sa.Column("coordinator", sa.String(64)),
        sa.Column("convened_message", sa.String(36)),
        sa.Column("hops", sa.Integer, nullable=False),
        sa.Column("hop_budget", sa.Integer),
        sa.Column("seen", sa.JSON, nullable=False),
        sa.Column("named", sa.JSON, nullable=False),
        sa.Column("refusals", sa.Integer, nullable=False),
        sa.Column("objections", sa.Integer, nullable=False),
        sa.Column("consent", sa.JSON, nullable=False),
        sa.Column("refer_to", sa.String(64)),
        sa.Column("resolve_by", Moment),
        sa.Column("paused_until", Moment),
        sa.Column("resolved_by", sa.String(64)),
        sa.Column("resolved_message", sa.String(36)),
        sa.Column("pending", sa.String(36)),
        sa.Column("offered_to", sa.String(64)),
        sa.Column("accept_by", Moment),
        sa.Column("chain_length", sa.Integer, nullable=False),
        sa.Column("chain_head", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index("tickets_convened", "tickets", ["coordinator", "held_since", "code"])
    op.create_index("tickets_due", "tickets", ["holder", "resolve_by", "code"])
    op.create_index("tickets_guarded", "tickets", ["guardian", "held_since", "code"])
    op.create_index("tickets_held", "tickets", ["holder", "held_since", "code"])
    op.create_index("tickets_offered", "tickets", ["offered_to", "accept_by", "code"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("office", sa.String(64)),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("revoked_at", Moment),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "chain",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("publisher", sa.String(255), nullable=False),
        sa.Column("time", sa.String(32), nullable=False),
        sa.Column("causationid", sa.String(255)),
        sa.Column("correlationid", sa.String(255), nullable=False),
        sa.Column("superseded", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("code", "position"),
    )
    op.create_table(
        "handoffs",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("receiver", sa.String(64)),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decision", sa.String(16)),
        sa.Column("convene", sa.Boolean, nullable=False),
        sa.Column("accept_by", Moment),
        sa.Column("offered", sa.String(36)),
        sa.Column("refusal", sa.String(40)),
        sa.Column("refusal_words", sa.Text),
        sa.Column("right_office", sa.String(64)),
        sa.Column("coordinator", sa.String(64)),
        sa.Column("because", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("handoffs_of", "handoffs", ["code", "id"])
    op.create_table(
        "holdings",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("until", Moment),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("message", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("code", "number"),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("office", sa.String(64)),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("notes_of", "notes", ["code", "id"])
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("place", sa.String(64)),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("coordinator", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("office", sa.String(64), nullable=False),
        sa.Column("shared", sa.JSON, nullable=False),
        sa.Column("opened", Moment, nullable=False),
        sa.Column("receipt", sa.String(255)),
        sa.Column("outcome", sa.String(16)),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("referrals_of", "referrals", ["code", "id"])
    op.create_table(
        "reporters",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120)),
        sa.Column("email", sa.String(254)),
        sa.Column("phone", sa.String(32)),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "texts",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["code"],
            ["tickets.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
