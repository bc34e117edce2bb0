"""Two batches that lock the same rows in opposite order: PostgreSQL ends one, and its messages pay with time alone."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import text

from estafet.events import Event, encode
from estafet.relay import metrics
from estafet.relay.hold import Hold
from estafet.relay.message import Delivery
from estafet.relay.receiver import Receiver
from estafet.relay.work import Work, Works
from tests.integration.relay.station import ERASED, Handled, effects_of, open_database, remember
from tests.support.messages import event

ROWS = ("row-1", "row-2")


def test_a_deadlock_between_batches_defers_nothing(database_url: Callable[[str], str]) -> None:
    database = open_database(database_url("notify"))
    works = Works("notify", database)
    with database.begin() as connection:
        connection.execute(text("create table rows (id text primary key, hits int not null default 0)"))
        connection.execute(text("insert into rows (id) values ('row-1'), ('row-2')"))
    gate = threading.Barrier(2)
    broken: list[str] = []

    def lock(events: Sequence[Event], work: Work) -> None:
        for number, each in enumerate(events):
            if number:
                gate.wait(10)  # each has its first row now, and wants the other's
            try:
                work.connection.execute(text("update rows set hits = hits + 1 where id = :row"), {"row": each.subject})
            except Exception as error:
                broken.append(type(error.__cause__).__name__)
                raise

    def run(rows: Sequence[str]) -> None:
        bodies = [encode(event(ERASED, {}, source="/estafet/tickets", subject=row)) for row in rows]
        receiver = Receiver(works, [remember(Handled(), prepare=lock)], Hold("notify", database, threading.Event()))
        receiver.handle([Delivery("notify.remember", body, name=ERASED) for body in bodies])

    before = metrics.handled.labels("notify.remember", ERASED, "deferred")._value.get()
    threads = [threading.Thread(target=run, args=(rows,)) for rows in (ROWS, ROWS[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert broken == ["DeadlockDetected"]
    assert Counter(effects_of(database)) == {"row-1": 2, "row-2": 2}
    with database.read() as connection:
        assert connection.execute(text("select id, hits from rows order by id")).all() == [("row-1", 2), ("row-2", 2)]
        assert connection.execute(text("select count(*) from deferred")).scalar_one() == 0
    assert metrics.handled.labels("notify.remember", ERASED, "deferred")._value.get() == before
    database.engine.dispose()
