"""The books of the outboxes and inboxes: what was committed leaves, and what arrived has its effect, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from estafet.events import contract
from estafet.relay.transport import Incoming
from services.notify import states
from tests.simulation.people import People
from tests.simulation.perils import Violation
from tests.simulation.world import World


class Books:
    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self._last = {name: self._newest(name) for name in world.stations}
        #: Every event committed since: id → (service, name).
        self.committed: dict[str, tuple[str, str]] = {}
        self._unpublished: dict[str, set[str]] = {name: set() for name in world.stations}

    def look(self, service: str) -> None:
        """After a step that changed a service's database."""
        database = self._world.stations[service].database
        for rowid, id, name in database.rows(
            "select rowid, id, name from outbox where rowid > ? order by rowid", self._last[service]
        ):
            if id in self.committed:
                raise Violation(f"two events have the id {id}")
            self.committed[id] = (service, name)
            self._unpublished[service].add(id)
            self._last[service] = rowid
        pending = {id for (id,) in database.rows("select id from outbox where published_at is null")}
        published = self._unpublished[service] - pending
        if not published <= self._world.broker.known:
            lost = sorted(published - self._world.broker.known)
            raise Violation(f"{self.committed[lost[0]][1]} {lost[0]} counts as published, and the broker never had it")
        self._unpublished[service] -= published
        self._nothing_twice(service)
        if self._world.mail.twice:
            raise Violation(f"a letter is sent again, and nobody had died: {self._world.mail.twice[0]}")

    def acknowledged(self, service: str, messages: Sequence[Incoming]) -> None:
        """Before the broker forgets messages: each is in the inbox or among the deferred, committed."""
        database = self._world.stations[service].database
        for message in messages:
            if message.died_in is not None:
                if not database.rows("select 1 from deferred where body = ?", message.body):
                    raise Violation(f"{service} acknowledged what had died in {message.died_in}, and does not keep it")
                continue
            try:
                document = json.loads(message.body)
                key = document["source"], document["id"]
            except (ValueError, TypeError, KeyError):
                continue  # nonsense has no id; the end looks whether it was kept
            listener = message.queue.rpartition("--")[2]
            inbox = "select 1 from inbox where subscription = ? and source = ? and id = ?"
            deferred = "select 1 from deferred where subscription = ? and source = ? and event_id = ?"
            if not database.rows(f"{inbox} union {deferred}", *(listener, *key) * 2):
                raise Violation(f"{service} acknowledged {message.queue} {key[1]} and keeps neither effect nor message")

    def close(self) -> None:
        """When all is quiet."""
        for name in self._world.stations:
            self.look(name)
            if self._unpublished[name]:
                raise Violation(f"{name} never published {sorted(self._unpublished[name])}")
            broker = self._world.broker
            if broker.waiting[name] or broker.dead[name] or broker.in_hand[name]:
                raise Violation(f"messages of {name} are left in the broker")
            self._nothing_deferred(name)
        self._everything_heard()
        self._everything_told()

    def _newest(self, service: str) -> int:
        newest: int = self._world.stations[service].database.rows("select coalesce(max(rowid), 0) from outbox")[0][0]
        return newest

    def _nothing_twice(self, service: str) -> None:
        for subscription, source, id in self._world.stations[service].twice:
            raise Violation(f"{subscription} had its effect twice for {id} of {source}")

    def _nothing_deferred(self, service: str) -> None:
        """Only nonsense may be left, dead; what an operator replayed is kept as replayed."""
        query = "select state, subscription, name, error, detail from deferred"
        for state, subscription, name, error, detail in self._world.stations[service].database.rows(query):
            nonsense = state == "dead" and error == "malformed" and subscription == "tickets.submit"
            if not nonsense and state != "replayed":
                raise Violation(f"{subscription} {name} is left {state}: {error}: {detail}")

    def _everything_heard(self) -> None:
        """Each event was handled once by each who must listen."""
        heard = {key: count for each in self._world.stations.values() for key, count in each.handled.items()}
        expected = {
            (listener, f"/estafet/{service}", id)
            for id, (service, name) in self.committed.items()
            for listener in contract(name).listeners
        }
        expected |= {("tickets.submit", source, id) for source, id in self._people.submitted}
        for key in sorted(expected - heard.keys()):
            raise Violation(
                f"{key[0]} never handled {self.committed.get(key[2], ('', 'report.submitted'))[1]} {key[2]}"
            )
        for key in sorted(heard.keys() - expected):
            raise Violation(f"{key[0]} handled {key[2]}, which nobody committed")

    def _everything_told(self) -> None:
        """Each reader is told once of each event, and tickets hears once what became of it."""
        rows = self._world.notify.database.rows(
            "select id, event_source, event_id, recipient, state, channel from deliveries"
        )
        readers = Counter((source, event, reader) for _, source, event, reader, *_ in rows)
        for (_, event, reader), count in readers.items():
            if count > 1:
                raise Violation(f"{reader} is told {count} times of {event}")
        unended = [id for id, _, _, _, state, _ in rows if state not in states.ENDED]
        if unended:
            raise Violation(f"deliveries never ended: {unended}")
        letters = self._world.mail.letters  # what stands in an office's feed is none
        silent = [id for id, *_, state, way in rows if state == "sent" and way != "feed" and not letters[id]]
        if silent:
            raise Violation(f"deliveries count as sent, and no letter arrived: {silent}")
        fates = Counter(name for _, name in self.committed.values() if name.startswith("notification."))
        told = [id for id, *_, state, _ in rows if state != "superseded"]
        if sum(fates.values()) != len(told):
            raise Violation(f"{len(told)} deliveries were sent or failed, and {sum(fates.values())} events say so")
