"""Marks: addresses that bounced, and are left alone for a while.

Of an address only a hash is kept. A mark holds against a contact that was given before it: whoever gives the address
anew is written to again. After thirty days it is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from estafet.relay.among import among
from estafet.relay.upserting import upserting
from services.notify.tables import addresses

#: How long a marked address is left alone.
MARKED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Mark:
    """An address that bounced, by its hash: on which channel, with which class of error."""

    address: str
    channel: str
    error: str


def keep(connection: Connection, marks: Iterable[Mark], now: datetime) -> None:
    """Keep that these addresses bounced."""
    rows = {each.address: each for each in marks}
    if rows:
        statement = upserting(connection, addresses)
        values = [
            {"address": address, "channel": rows[address].channel, "error": rows[address].error, "marked_at": now}
            for address in sorted(rows)
        ]
        connection.execute(statement, values)


_MARKED = select(addresses.c.address, addresses.c.marked_at).where(among(addresses.c.address, "wanted"))


def known(connection: Connection, wanted: Collection[str], now: datetime) -> Mapping[str, datetime]:
    """Which of these hashes are marked, and since when."""
    rows = connection.execute(_MARKED, {"wanted": sorted(wanted)}) if wanted else ()
    return {row.address: row.marked_at for row in rows if now - row.marked_at < MARKED}


def forget(connection: Connection, unwanted: Collection[str]) -> None:
    """Forget them: of who is erased nothing stays."""
    if unwanted:
        connection.execute(delete(addresses).where(among(addresses.c.address, "wanted")), {"wanted": sorted(unwanted)})
