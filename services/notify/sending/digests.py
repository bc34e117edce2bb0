"""A digest: one delivery that stands for all that wait for it, and what is in it.

It is claimed, sent, tried again and given up like any other; those in it wait with no attempt of their own and end as
it does. So each is told once, whatever happens to the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from estafet.events import new_id
from estafet.relay.among import among
from services.notify.deliveries import Delivery, delivery_of
from services.notify.messages import DIGEST, REPORTER
from services.notify.sending.overtaking import ASIDE
from services.notify.states import CREATED, SENT
from services.notify.tables import deliveries

#: Facts that say by when something is expected, the nearest first.
_BY = ("accept_by", "due", "until", "resolve_by")

_CONTENTS = (
    select(deliveries)
    .where(among(deliveries.c.digest, "digests"), deliveries.c.state == CREATED)
    .order_by(deliveries.c.id)
)
_OPEN = select(deliveries.c.id, deliveries.c.recipient, deliveries.c.ticket, deliveries.c.next_attempt).where(
    among(deliveries.c.recipient, "recipients"),
    among(deliveries.c.ticket, "tickets"),
    deliveries.c.template == DIGEST,
    deliveries.c.state == CREATED,
    deliveries.c.attempts == 0,
)
#: Of what was dropped as old news nothing more becomes.
_IN_IT = update(deliveries).where(deliveries.c.digest == bindparam("of"), deliveries.c.state.in_((CREATED, SENT)))


@dataclass(frozen=True, slots=True)
class Digest:
    """Whose, and of when. An office's is about many reports and names none; a reporter's is about theirs."""

    recipient: str
    ticket: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Section:
    """What a digest says of one report: of what happened the last alone, beside what that does not repeat."""

    ticket: str
    category: str
    messages: Sequence[Delivery]
    by: datetime | None


def digest_of(delivery: Delivery, at: datetime) -> Digest:
    return Digest(delivery.recipient, delivery.ticket if delivery.recipient == REPORTER else "", at)


def open_all(connection: Connection, wanted: Mapping[Digest, Sequence[Delivery]], now: datetime) -> dict[Digest, str]:
    """The deliveries of these digests, made where there is none yet that was not tried. For who claims alone."""
    if not wanted:
        return {}
    keys = {"recipients": {each.recipient for each in wanted}, "tickets": {each.ticket for each in wanted}}
    rows = connection.execute(_OPEN, keys)
    found = {Digest(row.recipient, row.ticket, row.next_attempt): row.id for row in rows}
    new = {each: new_id() for each in wanted if each not in found}
    if new:
        connection.execute(insert(deliveries), [_row(each, id, wanted[each][0], now) for each, id in new.items()])
    return found | new


def contents(connection: Connection, some: Iterable[Delivery]) -> dict[str, list[Delivery]]:
    """Digest → what waits in it, the oldest first."""
    wanted = {each.id: list[Delivery]() for each in some if each.template == DIGEST}
    for row in connection.execute(_CONTENTS, {"digests": list(wanted)}) if wanted else ():
        wanted[row.digest].append(delivery_of(row))
    return wanted


def told(
    connection: Connection,
    ended: Iterable[Delivery],
    state: str,
    channel: str,
    now: datetime,
    provider: str | None = None,
    error: str | None = None,
) -> list[Delivery]:
    """What was told by these: themselves, and instead of a digest all in it, which end as it did, however late a
    provider says how.
    """
    found: list[Delivery] = []
    ending = _IN_IT.values(state=state, channel=channel, provider=provider, error=error, ended_at=now)
    for each in ended:
        if each.template == DIGEST:
            found += map(delivery_of, connection.execute(ending.returning(deliveries), {"of": each.id}))
        else:
            found.append(each)
    return sorted(found, key=lambda each: each.id)


def tell_again(connection: Connection, digest: Delivery) -> None:
    """It did not arrive, and goes another way: what is in it waits for it again."""
    connection.execute(_IN_IT.values(state=CREATED, ended_at=None), {"of": digest.id})


def sections(messages: Iterable[Delivery]) -> list[Section]:
    """By report, in the order in which something first happened; each report's messages by its versions."""
    reports: dict[str, list[Delivery]] = {}
    for each in messages:
        reports.setdefault(each.ticket, []).append(each)
    return [_section(ticket, some) for ticket, some in reports.items()]


def _section(ticket: str, some: Sequence[Delivery]) -> Section:
    ordered = sorted(some, key=lambda each: (each.version or 0, each.id))
    last = next((each for each in reversed(ordered) if each.template not in ASIDE), None)
    shown = [each for each in ordered if each is last or each.template in ASIDE]
    facts = (last or ordered[-1]).facts
    by = next((facts[name] for name in _BY if facts.get(name)), None)
    return Section(ticket, some[0].category, shown, datetime.fromisoformat(by) if by else None)


def _row(digest: Digest, id: str, first: Delivery, now: datetime) -> Mapping[str, Any]:
    its_reporters = digest.recipient == REPORTER
    return {
        "id": id,
        "event_source": "/estafet/notify",
        "event_id": id,
        "correlation_id": id,
        "ticket": digest.ticket,
        "category": first.category if its_reporters else "",
        "confidential": first.confidential and its_reporters,
        "audience": first.audience,
        "recipient": digest.recipient,
        "template": DIGEST,
        "facts": "{}",
        "state": CREATED,
        "attempts": 0,
        "created_at": now,
        "next_attempt": digest.at,
    }
