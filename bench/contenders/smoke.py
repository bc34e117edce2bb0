"""``python -m bench.contenders.smoke [name]``: each contender beside ours does the same work; its rows are checked."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import httpx
import psycopg

from bench.contenders import baseline, flow
from bench.contenders.baseline import SERVICES, Baseline
from tests.bed import Postgres, RabbitMQ
from tests.bed.process import wait_until
from tests.e2e.publishing import report, submit

COUNT = 200


def main(names: list[str]) -> None:
    contenders = [baseline.naive(), baseline.faststream(), baseline.limit()]
    with RabbitMQ() as broker, Postgres(durable=True) as databases:
        for contender in contenders:
            if names and contender.name not in names:
                continue
            contender.lay_out(broker, databases)
            try:
                print(f"{contender.name:<12}{smoke(contender)}")
            finally:
                contender.close()


def smoke(contender: Baseline) -> str:
    """What took how long."""
    began = time.monotonic()
    contender.start()
    ready = time.monotonic()
    submit(contender.intake_uri, (report(f"smoke-{number}") for number in range(COUNT)))
    published = time.monotonic()
    notified(contender, COUNT)
    completed = time.monotonic()
    audit(contender, COUNT)
    said = [
        f"ready {ready - began:.2f} s",
        f"published {published - ready:.2f} s",
        f"{COUNT} {completed - ready:.2f} s",
    ]
    if contender.reports_url is not None:
        said.append(f"one by HTTP {post(contender, contender.reports_url):.3f} s")
        audit(contender, COUNT + 1)
    said.append(f"ready and a backlog of {COUNT}, two processes a service {backlog(contender):.2f} s")
    assert not contender.said(), contender.said()[-2000:]
    if contender.reports_url is not None:
        wrong = httpx.post(contender.reports_url, json={"category": "ktp"})
        assert wrong.is_client_error, (wrong.status_code, wrong.text)
    return ", ".join(said)


def backlog(contender: Baseline) -> float:
    """Seconds for what was published while nobody was there, from the start of two processes a service."""
    before = contender.notifications()
    contender.stop()
    submit(contender.intake_uri, (report(f"backlog-{number}") for number in range(COUNT)))
    began = time.monotonic()
    contender.start(processes=2)
    assert len(contender.processes) == 2 * len(SERVICES)
    notified(contender, before + COUNT)
    took = time.monotonic() - began
    audit(contender, before + COUNT)
    return took


def post(contender: Baseline, url: str) -> float:
    """Seconds until a report that was POSTed is notified of. It is committed when it is answered."""
    began = time.monotonic()
    answer = httpx.post(url, json={"category": "ktp", "text": "KTP saya rusak."})
    assert answer.status_code == httpx.codes.CREATED, (answer.status_code, answer.text)
    assert rows(contender, "tickets", "select 1 from tickets where code = %s", answer.json()["code"])
    notified(contender, COUNT + 1)
    return time.monotonic() - began


def notified(contender: Baseline, count: int) -> None:
    try:
        wait_until(lambda: contender.notifications() >= count, what=f"{count} notifications", every=0.005)
    except TimeoutError:
        print(contender.notifications(), contender.said()[-2000:], file=sys.stderr)
        raise


def audit(contender: Baseline, count: int) -> None:
    """Each report has one row of each kind, and a chain of two entries that holds."""
    tickets = {code for (code,) in rows(contender, "tickets", "select code from tickets where state = 'offered'")}
    assert len(tickets) == count, len(tickets)
    for service, table in (("tickets", "offers"), ("routing", "decisions"), ("notify", "notifications")):
        found = [code for (code,) in rows(contender, service, f"select ticket from {table}")]
        assert sorted(found) == sorted(tickets), (table, len(found))
    chain = rows(contender, "tickets", "select ticket, name, body, previous, hash from chain order by ticket, position")
    assert len(chain) == 2 * count, len(chain)
    for (ticket, *first), (same, *second) in zip(chain[::2], chain[1::2], strict=True):
        assert ticket == same
        assert (first[0], second[0]) == ("ticket.opened", "handoff.offered")
        assert first[2] == flow.NOTHING_BEFORE
        assert second[2] == first[3]
        causes = [json.loads(entry[1])["correlationid"] for entry in (first, second)]
        assert causes[0] == causes[1]
        for _, body, previous, digest in (first, second):
            assert flow.chained(previous, body) == digest
            assert json.loads(body)["data"]["ticket"] == ticket


def rows(contender: Baseline, service: str, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(contender.place.database_url(service)) as connection:
        return connection.execute(query.encode(), parameters).fetchall()


if __name__ == "__main__":
    main(sys.argv[1:])
