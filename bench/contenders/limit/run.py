"""The limit: the same rows and messages with no framework, nothing checked, straight through psycopg and py-amqp.

https://www.psycopg.org/psycopg3/docs/advanced/pipeline.html, https://docs.celeryq.dev/projects/amqp
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from urllib.parse import unquote, urlsplit

import amqp
import psycopg

from bench.contenders.limit import work
from bench.contenders.limit.stage import BATCH, Stage

#: Queue, what is done, and where what follows is published, by service.
STAGES = {
    "tickets": (
        ("tickets.reports", work.submit, "tickets.events"),
        ("tickets.decisions", work.offer, "tickets.events"),
    ),
    "routing": (("routing.tickets", work.decide, "routing.events"),),
    "notify": (("notify.offers", work.tell, ""),),
}
#: Seconds after which somebody who has nothing to do looks whether to stop.
_IDLE = 0.5


def main(service: str) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database, _connect() as broker:
        stages = [Stage(broker, *each) for each in STAGES[service]]
        while not (stop.is_set() and all(stage.settled for stage in stages)):
            _receive(broker, stages)
            for stage in stages:
                if not stop.is_set():
                    stage.work(database)
                stage.acknowledge()


def _receive(broker: amqp.Connection, stages: list[Stage]) -> None:
    """Take what is there; wait only when there is nothing to do. Confirms come the same way."""
    timeout = 0.0 if any(stage.arrived for stage in stages) else _IDLE
    try:
        for _ in range(BATCH):
            broker.drain_events(timeout=timeout)
            timeout = 0.0
    except TimeoutError:
        return


def _connect() -> amqp.Connection:
    uri = urlsplit(os.environ["AMQP_URI"])
    host, vhost = f"{uri.hostname}:{uri.port}", unquote(uri.path[1:])
    return amqp.Connection(host, uri.username, uri.password, virtual_host=vhost)


if __name__ == "__main__":
    main(sys.argv[1])
