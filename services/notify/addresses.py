"""Addresses of reporters: telephone numbers in one form, and which addresses were found to be no good.

Of an address that bounced only a hash is kept. A mark holds against a contact that was given before it: whoever gives
the address anew is written to again. After thirty days it is over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from estafet.relay.among import among
from estafet.relay.upserting import upserting
from services.notify.channels.channel import EMAIL
from services.notify.tables import addresses

#: How long a marked address is left alone.
MARKED = timedelta(days=30)

#: Numbers written without a country are Indonesian (ITU E.164).
_COUNTRY = "62"
#: The channels whose addresses are telephone numbers, in the order in which a reader is reached.
PHONES = ("whatsapp", "sms")
#: The channel whose addresses are ids of chats: whoever has one wrote to the city's bot there.
TELEGRAM = "telegram"
#: All that ring beside a reader's bed, in the order in which a reader is reached.
TEXTS = (TELEGRAM, *PHONES)

_NUMBER = re.compile(r"[1-9][0-9]{7,14}")


@dataclass(frozen=True, slots=True)
class Mark:
    """An address that bounced, by its hash: on which channel, with which class of error."""

    address: str
    channel: str
    error: str


def phone(text: str) -> str | None:
    """A number with its country, such as ``+6281234567890``; None: it cannot be one."""
    digits = re.sub(r"\D+", "", text)
    if not text.strip().startswith("+"):
        digits = digits[2:] if digits.startswith("00") else re.sub("^0", _COUNTRY, digits)
    return f"+{digits}" if _NUMBER.fullmatch(digits) else None


def hashed(channel: str, address: str) -> str:
    """By what an address is known here."""
    return hashlib.sha256(f"{channel}\n{address.strip().casefold()}".encode()).hexdigest()


def routes_to(ways: Mapping[str, str | None], texts: Sequence[str] = TEXTS) -> list[tuple[str, str]]:
    """Channel and address of each way that a reporter left: by email where there is one, then by these ``texts``."""
    email, number, chat = ways["email"], ways["phone"], ways["telegram"]
    whole = phone(number) if number else None
    found = [(EMAIL, email)] + [(channel, chat if channel == TELEGRAM else whole) for channel in texts]
    return [(channel, address) for channel, address in found if address]


def hashes(ways: Mapping[str, str | None]) -> set[str]:
    """All that a reporter's addresses may be marked as."""
    return {hashed(channel, address) for channel, address in routes_to(ways)}


def mark(connection: Connection, marks: Iterable[Mark], now: datetime) -> None:
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


def marked_among(connection: Connection, wanted: Collection[str], now: datetime) -> Mapping[str, datetime]:
    """Which of these hashes are marked, and since when."""
    rows = connection.execute(_MARKED, {"wanted": sorted(wanted)}) if wanted else ()
    return {row.address: row.marked_at for row in rows if now - row.marked_at < MARKED}


def unmark(connection: Connection, unwanted: Collection[str]) -> None:
    """Forget them: of who is erased nothing stays."""
    if unwanted:
        connection.execute(delete(addresses).where(among(addresses.c.address, "wanted")), {"wanted": sorted(unwanted)})
