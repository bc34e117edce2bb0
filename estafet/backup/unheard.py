"""What the broker had, and nobody has any more: events published before the backup and not handled in it.

A restored broker is empty. An event that its publisher's outbox calls published, and that a reader's inbox lacks, was
on its way: it is published again. Where every reader has it nothing is, so nothing can be done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import String, bindparam, select, update

from estafet.events import contract
from estafet.relay.among import among
from estafet.relay.database import Database
from estafet.relay.tables import deferred, inbox, outbox

#: Events looked at together.
_PAGE = 1000

#: Who reads what nobody of us does.
APPS = "apps"

_PUBLISHED = (
    select(outbox.c.id, outbox.c.name)
    .where(outbox.c.published_at.is_not(None), outbox.c.id > bindparam("after", type_=String))
    .order_by(outbox.c.id)
    .limit(_PAGE)
)
_HANDLED = select(inbox.c.id).where(
    inbox.c.subscription == bindparam("listener"), inbox.c.source == bindparam("from"), among(inbox.c.id, "ids")
)
#: What failed was received too, and is a person's or the clock's to try again.
_PUT_AWAY = select(deferred.c.subscription, deferred.c.event_id).where(deferred.c.source == bindparam("from"))
_UNPUBLISH = (
    update(outbox).where(among(outbox.c.id, "ids")).values(published_at=None, unrouted_at=None, settled_at=None)
)

#: (listener, id)
Heard = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Published:
    """An event that the broker had."""

    id: str
    name: str

    @property
    def listeners(self) -> Sequence[str]:
        """Who has to hear it: handlers of ours, else other apps. Of what this release does not know, nobody can say."""
        try:
            return contract(self.name).listeners or (APPS,)
        except KeyError:
            return (APPS,)


def unheard(events: Iterable[Published], heard: Set[Heard]) -> Mapping[str, list[str]]:
    """The ids of the events that somebody lacks, by who. Apps' books are not ours to read: they may lack everything."""
    lacking: dict[str, list[str]] = {}
    for event in events:
        for listener in event.listeners:
            if (listener, event.id) not in heard:
                lacking.setdefault(listener, []).append(event.id)
    return lacking


def publish_again(databases: Mapping[str, Database], publisher: str) -> Counter[str]:
    """Let what somebody lacks of a service's events be published again; answers how many, by who lacks them.

    ``databases``: every service's; nothing may be running, for what is handled meanwhile would not be seen.
    """
    source, lacking = f"/estafet/{publisher}", Counter[str]()
    put_away = {heard for database in databases.values() for heard in _put_away(database, source)}
    for events in _pages(databases[publisher]):
        heard = set(put_away)
        for listener, ids in unheard(events, put_away).items():
            if listener != APPS:
                reader = databases[listener.partition(".")[0]]
                heard |= {(listener, id) for id in _handled(reader, listener, source, ids)}
        missing = unheard(events, heard)
        lacking.update({listener: len(ids) for listener, ids in missing.items()})
        _unpublish(databases[publisher], {id for ids in missing.values() for id in ids})
    return lacking


def _pages(database: Database) -> Iterator[list[Published]]:
    after = ""
    while True:
        with database.read() as connection:
            rows = connection.execute(_PUBLISHED, {"after": after}).all()
        if not rows:
            return
        yield [Published(row.id, row.name) for row in rows]
        after = rows[-1].id


def _handled(database: Database, listener: str, source: str, ids: Collection[str]) -> Sequence[str]:
    with database.read() as connection:
        return connection.execute(_HANDLED, {"listener": listener, "from": source, "ids": ids}).scalars().all()


def _put_away(database: Database, source: str) -> list[Heard]:
    with database.read() as connection:
        return [(row.subscription, row.event_id) for row in connection.execute(_PUT_AWAY, {"from": source})]


def _unpublish(database: Database, ids: Collection[str]) -> None:
    if ids:
        with database.begin() as connection:
            connection.execute(_UNPUBLISH, {"ids": sorted(ids)})
