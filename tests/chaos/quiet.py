"""Quiet: nothing is on its way any more, and nobody will do anything by himself."""

from __future__ import annotations

import time
from urllib.parse import quote

from sqlalchemy import exc, text

from tests.chaos.town import Town

#: Seconds between two looks; quiet is what two of them agree on.
_LOOK = 1.0

_WAITING = {
    "unpublished": "select count(*) from outbox where published_at is null",
    "deferred": "select count(*) from deferred where state = 'waiting'",
}
_TELLING = "select count(*) from deliveries where state in ('created', 'sending')"


def wait_for_quiet(town: Town, patience: float) -> tuple[float, list[str]]:
    """Seconds until it was quiet, and what was not when patience ended."""
    began = time.monotonic()
    calm = 0
    while True:
        looked = time.monotonic() - began
        moving = _moving(town)
        calm = 0 if moving else calm + 1
        if calm == 2 or (moving and looked > patience):
            return looked, moving
        time.sleep(_LOOK)


def _moving(town: Town) -> list[str]:
    try:
        return [*_queues(town), *_tables(town)]
    except exc.DBAPIError as error:
        return [f"a database does not answer: {type(error).__name__}"]


def _queues(town: Town) -> list[str]:
    if town.servers is None:
        return []
    vhost = quote(town.servers.vhost, safe="")
    queues = town.servers.broker.api("GET", f"/queues/{vhost}?disable_stats=true&enable_queue_totals=true")
    return [f"{each['name']}: {each['messages']} messages" for each in queues if each.get("messages", 0)]


def _tables(town: Town) -> list[str]:
    found = []
    for service, database in town.databases.items():
        wanted = {**_WAITING, **({"untold": _TELLING} if service == "notify" else {})}
        with database.read() as connection:
            counts = {name: connection.execute(text(query)).scalar_one() for name, query in wanted.items()}
        found += [f"{service}: {count} {name}" for name, count in counts.items() if count]
    return found
