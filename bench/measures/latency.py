"""Latency of the whole chain: from the moment a report is published to the commit of its notification.

PostgreSQL says when that is: a trigger on the table of notifications sends a NOTIFY, which is delivered at the commit.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from bench.contenders.contender import Contender
from bench.load import paced

#: Seconds after the last report until the slowest notification must have come.
_PATIENCE = 60.0

_TRIGGER = """
create or replace function bench_told() returns trigger language plpgsql as $$
begin perform pg_notify('bench_told', new.{column}); return null; end $$;
drop trigger if exists bench_told on {table};
create trigger bench_told after insert on {table} for each row execute function bench_told();
"""


def latencies(contender: Contender, rate: float, seconds: float) -> list[float]:
    """Seconds of every report sent at a steady rate."""
    with _told(contender) as told:
        sent = paced(contender.intake_uri, rate, seconds)
        deadline = time.monotonic() + _PATIENCE
        while not sent.keys() <= (came := _by_reference(contender, told)).keys():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{contender.name}: {len(sent.keys() - came.keys())} reports were not notified of")
            time.sleep(0.2)
    return [came[reference] - at for reference, at in sent.items()]


def _by_reference(contender: Contender, told: dict[str, float]) -> dict[str, float]:
    names = contender.references()
    return {names.get(name, name): at for name, at in dict(told).items()}


@contextmanager
def _told(contender: Contender) -> Iterator[dict[str, float]]:
    """What was notified of, and when: filled while the context is open."""
    url, table, column = contender.notified
    told: dict[str, float] = {}
    stop = threading.Event()
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
        names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
        connection.execute(sql.SQL(_TRIGGER).format(**names))
        connection.execute("listen bench_told")

        def listen() -> None:
            while not stop.is_set():
                for each in connection.notifies(timeout=0.2):
                    told.setdefault(each.payload, time.time())

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield told
        finally:
            stop.set()
            thread.join()
            connection.execute(sql.SQL("drop trigger bench_told on {table}").format(**names))
