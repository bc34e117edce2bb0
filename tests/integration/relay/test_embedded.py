"""The embedded form as a process: a broker in memory, and still ``kill -9`` loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from estafet.relay import tables
from estafet.relay.database import Database, connect
from tests.bed.process import wait_until
from tests.integration.relay.conftest import Form
from tests.integration.relay.processes import Process
from tests.integration.relay.station import Handled, effects_of, open_database, remember


def test_kill_9_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    notify = open_database(f"sqlite:///{tmp_path}/notify.sqlite")
    for kills, threshold in enumerate((1, 700, 1500), 1):
        with Process(log, "notify", "tickets", ESTAFET_DATA=str(tmp_path)) as process:
            process.emit(1000)
            wait_until(lambda kills=kills: log.read_text().count("committed") == kills, what="committed")
            wait_until(lambda threshold=threshold: len(effects_of(notify)) >= threshold, what="some handled")
    with Process(log, "notify", "tickets", ESTAFET_DATA=str(tmp_path)) as process:
        wait_until(lambda: len(effects_of(notify)) >= 3000, what="all handled")
        tickets = connect(f"sqlite:///{tmp_path}/tickets.sqlite")
        wait_until(lambda: _count(tickets, settled=True) == 3000, what="all known to have arrived")
        assert process.stop() == 0
    assert max(Counter(effects_of(notify)).values()) == 1


def test_after_a_quiet_moment_nothing_is_published_again(embedded: Form) -> None:
    tickets = embedded.station("tickets")
    notify = embedded.station("notify", remember(handled := Handled()))
    with notify.running(), tickets.running():
        tickets.emit(20)
        wait_until(lambda: _count(tickets.database, settled=True) == 20, what="settled")
    again = embedded.station("tickets", database=tickets.database)
    assert again.publisher.publish() == 0
    assert len(handled.calls) == 20


def test_what_nobody_took_yet_is_published_again(embedded: Form, forget_messages: Callable[[], None]) -> None:
    tickets = embedded.station("tickets")
    tickets.emit(20)
    assert tickets.publisher.publish() == 20
    assert tickets.publisher.publish() == 0
    forget_messages()
    again = embedded.station("tickets", database=tickets.database)
    assert again.publisher.publish() == 20
    assert _count(tickets.database, settled=True) == 0


def _count(database: Database, settled: bool) -> int:
    condition = tables.outbox.c.settled_at.is_not(None) if settled else tables.outbox.c.settled_at.is_(None)
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.outbox).where(condition)).scalar_one()


def test_a_service_without_its_listener_keeps_what_it_published_unsettled(embedded: Form) -> None:
    tickets = embedded.station("tickets")
    with tickets.running():
        tickets.emit(5)
        wait_until(lambda: tickets.unpublished() == 0, what="published")
    assert _count(tickets.database, settled=False) == 5
