"""One message at a time to one reader about one report, however many senders there are.

Two senders that held two messages to the same reader could send the newer one first, however carefully each of them
looked. So a message is not claimed while another to the same reader about the same report is being sent; and because
two who look at the same moment would not see each other, senders claim one after the other. They send side by side.
"""

from __future__ import annotations

from sqlalchemy import Connection, and_, or_, select, text

from estafet.relay.database import lock_key
from services.notify.audience import REPORTER
from services.notify.tables import deliveries

_KEY = lock_key("estafet claims of notify")
_other = deliveries.alias()
_sending = (_other.c.state == "sending", _other.c.recipient == deliveries.c.recipient)

#: An office's digest is about many reports, and names none.
_digest = and_(
    deliveries.c.recipient != REPORTER,
    select(_other.c.id).where(*_sending, or_(_other.c.ticket == "", deliveries.c.ticket == "")).exists(),
)

#: Whether another message to the reader, about the report, is being sent.
under_way = or_(select(_other.c.id).where(*_sending, _other.c.ticket == deliveries.c.ticket).exists(), _digest)


def one_at_a_time(connection: Connection) -> None:
    """Let nobody else claim until the transaction ends. SQLite's transactions that write come one at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _KEY})
