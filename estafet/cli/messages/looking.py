"""One look at what waits: the broker's queues, and each service's outbox and deferred messages."""

from __future__ import annotations

from datetime import UTC, datetime

from estafet.cli.databases import Databases
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.messages import management
from estafet.cli.messages.backlog import Backlog, Queue, Tables, in_order
from estafet.events import CONTRACTS
from estafet.events.topology import dead_queue
from estafet.settings import SERVICES, Settings

_IN_MEMORY = "There is none: the queues are in the memory of the process that serves."
_NOT_SET = "Set ESTAFET_MANAGEMENT_URL (http://ops:PASSWORD@host:15672) to see the queues."


def look(settings: Settings, databases: Databases) -> Backlog:
    """What waits now, in order."""
    databases.begin()
    now = datetime.now(UTC)
    tables = [found for name in SERVICES if (found := _tables(databases, name, now))]
    unreachable = {}
    queues: list[Queue] = []
    try:
        queues = _queues(settings, databases, now)
    except Failure as failure:
        unreachable["broker"] = str(failure)
    return in_order(Backlog(now, queues, tables, {**unreachable, **databases.unreachable}))


def _tables(databases: Databases, service: str, now: datetime) -> Tables | None:
    outbox, lookup = needs_serve("estafet.relay.outbox"), needs_serve("estafet.relay.lookup")
    found = databases.ask(service, lambda connection: (outbox.backlog(connection), lookup.deferred_counts(connection)))
    if found is None:
        return None
    waiting, counts = found
    return Tables(service, waiting.count, _age(waiting.oldest, now), counts.get("waiting", 0), counts.get("dead", 0))


def _queues(settings: Settings, databases: Databases, now: datetime) -> list[Queue]:
    if settings.management_url is None:
        raise Failure(_IN_MEMORY if settings.embedded and settings.database_url is None else _NOT_SET)
    counted = management.queues(settings.management_url, management.vhost_of(settings))
    found = []
    for name, service, event, publisher in _ours():
        counts = counted.get(name)
        if counts is None:
            found.append(Queue(name, service, there=False))
            continue
        oldest = _oldest(databases, event, publisher, counts.ready + counts.unacked)
        found.append(
            Queue(
                name,
                service,
                counts.ready,
                counts.unacked,
                counts.consumers,
                counts.in_per_second,
                counts.out_per_second,
                _age(oldest, now),
            )
        )
    return found


def _ours() -> list[tuple[str, str, str, str]]:
    """(queue, the service that must read it, its event, that event's publisher); dead letters have no event."""
    events = [
        (queue, listener.partition(".")[0], each.name, each.publisher)
        for each in CONTRACTS
        for queue, listener in zip(each.queues, each.listeners, strict=True)
    ]
    return [*events, *((dead_queue(service), service, "", "") for service in SERVICES)]


def _oldest(databases: Databases, event: str, publisher: str, messages: int) -> datetime | None:
    """When a queue's oldest message was committed: an estimate.

    The broker keeps no time of a quorum queue's head, and fetching the message costs it a delivery. Queues are first
    in, first out, so the oldest of so many messages is that many events back in the outbox. It is not when messages
    came twice, or overtook each other; and nothing is known of what an app published, or of rows that are gone.
    """
    if not messages or publisher not in SERVICES:
        return None
    lookup = needs_serve("estafet.relay.lookup")
    return databases.ask(publisher, lambda connection: lookup.last_of(connection, event, messages))


def _age(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else round(max((now - since).total_seconds(), 0.0), 3)
