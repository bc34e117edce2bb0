"""What of a claim is sent now: the rest is old news, or waits for the morning or for the next digest.

It is decided at the last moment, when a message is about to be sent: so preferences that changed, a newer message, and
however long somebody was down or a channel away, are all seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from prometheus_client import Counter
from sqlalchemy import Connection, func, select, update

from estafet.relay.among import among
from services.notify import deliveries, digests, preferring, store
from services.notify.audience import REPORTER
from services.notify.deliveries import Delivery
from services.notify.digests import Digest, digest_of
from services.notify.directory import Directory
from services.notify.overtaking import ASIDE, is_old
from services.notify.preferences import Preference, of, reader
from services.notify.tables import deliveries as table
from services.notify.timing import Turn, answered_by, is_urgent, turn

SUPERSEDED = "superseded"

_SUPERSEDED = Counter("estafet_notify_superseded", "Messages not sent, since newer news had been.")

_NEWEST = (
    select(table.c.recipient, table.c.ticket, func.max(table.c.version).label("version"))
    .where(among(table.c.ticket, "tickets"), table.c.state == "sent", table.c.template.not_in(ASIDE))
    .group_by(table.c.recipient, table.c.ticket)
)
_DROP = update(table).where(among(table.c.id, "ids")).values(state=SUPERSEDED, claim=None, next_attempt=None)


@dataclass(slots=True)
class Plan:
    """What becomes of a claim."""

    now: list[Delivery] = field(default_factory=list)
    held: dict[datetime, list[Delivery]] = field(default_factory=dict)
    joining: dict[Digest, list[Delivery]] = field(default_factory=dict)
    old: list[Delivery] = field(default_factory=list)


def plan(connection: Connection, claim: str, claimed: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Those of this claim to send now. The others are no longer claimed. For who claims alone."""
    directory = store.directory(connection)
    if directory is None or not claimed:
        return list(claimed)
    waiting = digests.contents(connection, claimed)
    made = _without_old(connection, claimed, waiting)
    made = _in_turn(connection, made, directory, now)
    _drop(connection, made.old, now)
    for due, some in made.held.items():
        deliveries.release(connection, claim, [each.id for each in some], due)
    opened = digests.open_all(connection, made.joining, now)
    for digest, some in made.joining.items():
        deliveries.release(connection, claim, [each.id for each in some], digest=opened[digest])
    return made.now


def _without_old(connection: Connection, claimed: Sequence[Delivery], waiting: dict[str, list[Delivery]]) -> Plan:
    """Sort out what is old news, in digests too: one in which nothing else is left is none."""
    everything = [*claimed, *(each for some in waiting.values() for each in some)]
    rows = connection.execute(_NEWEST, {"tickets": {each.ticket for each in everything}})
    newest = {(row.recipient, row.ticket): row.version for row in rows}

    def old(some: Iterable[Delivery]) -> list[Delivery]:
        return [each for each in some if is_old(each.template, each.version, newest.get((each.recipient, each.ticket)))]

    made = Plan(old=old(everything))
    gone = {each.id for each in made.old}
    made.old += [
        each for each in claimed if each.id in waiting and gone.issuperset(item.id for item in waiting[each.id])
    ]
    gone |= {each.id for each in made.old}
    made.now = [each for each in claimed if each.id not in gone]
    return made


def _in_turn(connection: Connection, made: Plan, directory: Directory, now: datetime) -> Plan:
    """Sort out whose turn it is not."""
    candidates, made.now = made.now, []
    wishes = preferring.known(connection, (reader(each.recipient, each.ticket) for each in candidates))
    zone = ZoneInfo(directory.timezone)
    for each in candidates:
        theirs = of(each.recipient, each.ticket, wishes)
        found = _turn(each, theirs, each.category in directory.emergencies, zone, now)
        if found.in_digest:
            made.joining.setdefault(digest_of(each, found.at), []).append(each)
        elif found.at > now:
            made.held.setdefault(found.at, []).append(each)
        else:
            made.now.append(each)
    _let_the_erased_go(connection, made)
    return _after_digests(made, now)


def _turn(each: Delivery, preference: Preference, emergency: bool, zone: ZoneInfo, now: datetime) -> Turn:
    if is_urgent(each.template, emergency=emergency):
        return Turn(now)
    if each.template == digests.TEMPLATE:  # it is the morning's letter by itself, and waits for no other
        preference = Preference(quiet=preference.quiet)
    return turn(preference, each.created_at, now, zone, answered_by(each.template, each.facts))


def _let_the_erased_go(connection: Connection, made: Plan) -> None:
    """What was to be told to somebody who is erased fails at once, at night too."""
    put_off = (*made.held.values(), *made.joining.values())
    tickets = {each.ticket for some in put_off for each in some if each.recipient == REPORTER}
    erased = set(store.erased_among(connection, tickets)) if tickets else set()
    if not erased:
        return
    for some in put_off:
        made.now += [each for each in some if each.ticket in erased and each.recipient == REPORTER]
        some[:] = [each for each in some if each not in made.now]
    made.joining = {digest: some for digest, some in made.joining.items() if some}


def _after_digests(made: Plan, now: datetime) -> Plan:
    """Whoever is sent a digest now is sent the rest after it: by then it is known what was news."""
    sent = {(each.recipient, each.ticket) for each in made.now if each.template == digests.TEMPLATE}

    def waits(each: Delivery) -> bool:
        of_digest = (each.recipient, each.ticket if each.recipient == REPORTER else "")
        return each.template != digests.TEMPLATE and of_digest in sent

    rest = [each for each in made.now if waits(each)]
    if rest:
        made.held.setdefault(now, []).extend(rest)
        made.now = [each for each in made.now if not waits(each)]
    return made


def _drop(connection: Connection, old: Sequence[Delivery], now: datetime) -> None:
    if old:
        connection.execute(_DROP.values(ended_at=now), {"ids": [each.id for each in old]})
        _SUPERSEDED.inc(len(old))
