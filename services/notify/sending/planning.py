"""What of a claim is sent now: the rest is old news, or waits for the morning or for the next digest.

It is decided at the last moment, when a message is about to be sent: so preferences that changed, a newer message, and
however long somebody was down or a channel away, are all seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from prometheus_client import Counter
from sqlalchemy import Connection, func, select, update

from estafet.relay.among import among
from services.notify import deliveries, store
from services.notify.audience import DIGEST, REPORTER
from services.notify.channels.channel import EMAIL
from services.notify.deliveries import Delivery
from services.notify.directory import Directory
from services.notify.preferences import preferring
from services.notify.preferences.preference import Preference, of, over, reader
from services.notify.preferences.stopping import NEEDED
from services.notify.sending import digests
from services.notify.sending.digests import Digest, digest_of
from services.notify.sending.overtaking import ASIDE, is_old
from services.notify.sending.timing import Turn, answered_by, is_urgent, turn
from services.notify.states import SUPERSEDED, TOLD
from services.notify.tables import deliveries as table

_SUPERSEDED = Counter("estafet_notify_superseded", "Messages not sent, since newer news had been.")

_NEWEST = (
    select(table.c.recipient, table.c.ticket, func.max(table.c.version).label("version"))
    .where(among(table.c.ticket, "tickets"), table.c.state.in_(TOLD), table.c.template.not_in(ASIDE))
    .group_by(table.c.recipient, table.c.ticket)
)
_DROP = update(table).where(among(table.c.id, "ids")).values(state=SUPERSEDED, claim=None, next_attempt=None)

_LOOSE = update(table).where(among(table.c.id, "ids")).values(digest=None)


@dataclass(slots=True)
class Plan:
    """What becomes of a claim."""

    now: list[Delivery] = field(default_factory=list)
    held: dict[datetime, list[Delivery]] = field(default_factory=dict)
    joining: dict[Digest, list[Delivery]] = field(default_factory=dict)
    old: list[Delivery] = field(default_factory=list)


def plan(connection: Connection, claim: str, claimed: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Those of this claim to send now. The others are no longer claimed. For who claims alone."""
    directory = store.directory(connection) if claimed else None
    if directory is None:
        return list(claimed)
    waiting = _wanted(connection, digests.contents(connection, claimed), now)
    made = _without_old(connection, claimed, waiting)
    made = _in_turn(connection, made, directory, now)
    _drop(connection, made.old, now)
    for due, some in made.held.items():
        deliveries.release(connection, claim, [each.id for each in some], due)
    opened = digests.open_all(connection, made.joining, now)
    for digest, some in made.joining.items():
        deliveries.release(connection, claim, [each.id for each in some], digest=opened[digest])
    return made.now


def _wanted(connection: Connection, waiting: dict[str, list[Delivery]], now: datetime) -> dict[str, list[Delivery]]:
    """Take out of the digests what their reader has stopped since: it fails by itself, and the digest may be late."""
    unwanted = _hopeless(connection, [each for some in waiting.values() for each in some])
    if unwanted:
        connection.execute(_LOOSE.values(next_attempt=now), {"ids": sorted(unwanted)})
    return {digest: [each for each in some if each.id not in unwanted] for digest, some in waiting.items()}


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
    turns = {
        each.id: turn_of(each, EMAIL, of(each.recipient, each.ticket, wishes), directory, now) for each in candidates
    }
    hopeless = _hopeless(connection, [each for each in candidates if turns[each.id] != Turn(now)])
    for each in candidates:
        found = turns[each.id]
        if each.id in hopeless or found == Turn(now):
            made.now.append(each)
        elif found.in_digest:
            made.joining.setdefault(digest_of(each, found.at), []).append(each)
        else:
            made.held.setdefault(found.at, []).append(each)
    return _after_digests(made, now)


def turn_of(delivery: Delivery, channel: str, wish: Preference, directory: Directory, now: datetime) -> Turn:
    """When this delivery may go over this channel.

    A claim is planned as if all were letters; for a telephone it is asked again when its message is written.
    """
    if is_urgent(delivery.template, emergency=delivery.category in directory.emergencies):
        return Turn(now)
    wish = over(channel, wish)
    if delivery.template == DIGEST:  # it is the morning's letter by itself, and waits for no other
        wish = replace(wish, digest=None)
    by = answered_by(delivery.template, delivery.facts)
    return turn(wish, delivery.created_at, now, ZoneInfo(directory.timezone), by)


def _hopeless(connection: Connection, some: Sequence[Delivery]) -> set[str]:
    """What will not be told to its reporter, who was erased or stopped such letters: it fails at once, at night too."""
    theirs = [each for each in some if each.recipient == REPORTER]
    known = store.contacts(connection, {each.ticket for each in theirs}) if theirs else {}
    found = set()
    for each in theirs:
        contact = known.get(each.ticket)
        if contact and (contact.erased or (contact.stopped and each.template not in (*NEEDED, DIGEST))):
            found.add(each.id)
    return found


def _after_digests(made: Plan, now: datetime) -> Plan:
    """Whoever is sent a digest now is sent the rest after it, another digest too: by then it is known what was news."""
    first: dict[Digest, str] = {}
    for each in made.now:
        if each.template == DIGEST:
            first.setdefault(digest_of(each, now), each.id)

    def waits(each: Delivery) -> bool:
        return first.get(digest_of(each, now), each.id) != each.id

    rest = [each for each in made.now if waits(each)]
    if rest:
        made.held.setdefault(now, []).extend(rest)
        made.now = [each for each in made.now if not waits(each)]
    return made


def _drop(connection: Connection, old: Sequence[Delivery], now: datetime) -> None:
    if old:
        connection.execute(_DROP.values(ended_at=now), {"ids": [each.id for each in old]})
        _SUPERSEDED.inc(len(old))
