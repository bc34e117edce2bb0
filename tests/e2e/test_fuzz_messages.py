"""Anything in every queue, while reports flow: nobody dies, no report is lost, and every message is accounted for."""

from __future__ import annotations

import json
import os
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select

from estafet.events import Malformed, ijson, new_id, parse
from estafet.events.topology import queues_of
from estafet.relay import inbox
from estafet.relay.tables import inbox as inbox_table
from estafet.relay.tables import outbox
from estafet.settings import SERVICES
from services.notify.tables import reporters
from services.tickets.tables import tickets
from tests.e2e.conftest import Make
from tests.e2e.publishing import Posted, publish
from tests.e2e.system import Deployed, System, until
from tests.support.fuzz import Message, messages

pytestmark = pytest.mark.alone

MESSAGES = int(os.environ.get("ESTAFET_TEST_FUZZ_MESSAGES", "1000"))
SEED = int(os.environ.get("ESTAFET_TEST_FUZZ_SEED") or random.randrange(2**32))
#: Messages in one draw: one report goes with each.
TOGETHER = 20
#: Seconds for what is awaited.
PATIENCE = 120 + MESSAGES / 20

#: Why a message may be kept. Anything else is a handler that did not expect it.
REASONS = {"malformed", "invalid", "foreign", "forged", "collision", "Hopeless", "NotYet"}

SUBSCRIPTIONS = {queue: listener for service in SERVICES for queue, (_, listener) in queues_of(service).items()}
SUBMIT = "evt-intake-report.submitted--tickets.submit"
#: What takes the messages with personal data.
REMEMBER = "notify.remember"


def drawn(count: int) -> list[Message]:
    """So many, and the same for the same seed."""
    found: list[Message] = []

    @seed(SEED)
    @settings(
        max_examples=count // TOGETHER,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(messages(), min_size=TOGETHER, max_size=TOGETHER))
    def draw(some: list[Message]) -> None:
        found.extend(some)

    draw()
    return found


@pytest.mark.timeout(1800)
def test_anything_in_every_queue(make: Make, form: str) -> None:
    print(f"ESTAFET_TEST_FUZZ_SEED={SEED}")
    system = make(form).prepare().start()
    system.wait_for_city()
    before = {group: process.pid for group, process in system.processes.items()}
    began = time.monotonic()
    fuzzed = drawn(MESSAGES)
    references = [f"good-{uuid.uuid4().hex}" for _ in range(len(fuzzed) // TOGETHER)]
    good = [Message(SUBMIT, _report(reference), {"content_type": "application/json"}) for reference in references]
    took_drawing = time.monotonic() - began
    _send(system, [*_mixed(fuzzed, good)])
    statuses = Counter(_by_http(system) for _ in range(20))
    until(lambda: _offered(system) >= set(references), "every report to be offered", timeout=PATIENCE)
    missing = _settled(lambda: _unaccounted(system, fuzzed))
    assert not missing, f"{len(missing)} are nowhere: {missing[:5]}\n{system.logs()}"
    took = time.monotonic() - began

    assert set(statuses) == {httpx.codes.CREATED}
    assert {group: process.pid for group, process in system.processes.items() if process.poll() is None} == before
    for service in SERVICES:
        assert httpx.get(f"{system.address(service)}/readyz", timeout=10).is_success
    assert _settled(lambda: _unexpected(system)) == []
    kept, strangers = _kept(system), {message.body for message in fuzzed}
    ours = [row for row in kept if bytes(row.body) not in strangers]
    known = _codes(system)
    # A stranger's message made routing keep time for a report that is nobody's: what it says then waits for the report.
    awaited = [row for row in ours if row.error == "NotYet" and row.subject not in known]
    unexpected = [row for row in ours if row.error != "Hopeless" and row not in awaited]
    assert unexpected == [], "what our services said to each other about it"
    assert "Traceback" not in system.logs()
    print(f"{form}: {len(fuzzed)} messages, {len(references)} reports in {took:.0f} s ({took_drawing:.0f} s to draw)")
    print(Counter((row.state, row.error) for row in kept))


def _unexpected(system: System) -> list[tuple[str, str, str]]:
    """What a handler did not expect. On a machine that stands still one may time out; its next attempt succeeds."""
    return [(row.error, row.place, row.detail) for row in _kept(system) if row.error not in REASONS]


def _settled(look: Callable[[], list[Any]]) -> list[Any]:
    """What is left when nothing is, or when patience ends."""
    with suppress(TimeoutError):
        until(lambda: not look(), "nothing to be left", timeout=PATIENCE)
    return look()


def _report(reference: str) -> bytes:
    event = {"specversion": "1.0", "id": reference, "source": "/good", "type": "id.estafet.report.submitted.v1"}
    data = {"category": "ktp", "text": "KTP saya rusak.", "reference": reference}
    return json.dumps({**event, "time": datetime.now(UTC).isoformat(), "data": data}).encode()


def _mixed(fuzzed: Sequence[Message], reports: Sequence[Message]) -> Iterable[Message]:
    """Some of it twice, too."""
    for number, message in enumerate(fuzzed):
        yield message
        if number % 7 == 0:
            yield message
        if number % TOGETHER == 0:
            yield reports[number // TOGETHER]


def _send(system: System, some: Sequence[Message]) -> None:
    if isinstance(system, Deployed):
        publish(system.amqp(""), (Posted("", each.queue, each.body, each.properties) for each in some))
    else:
        _put_out(system, some)


def _put_out(system: System, some: Sequence[Message]) -> None:
    """Into the outbox, for in memory only the process itself can publish: to the queue, as nobody's exchange does."""
    now = datetime.now(UTC)
    rows = [
        {"id": new_id(), "exchange": "", "name": each.queue, "type": "fuzz", "correlation_id": "", "body": each.body}
        for each in some
    ]
    with system.database("tickets") as database, database.begin() as connection:
        connection.execute(outbox.insert(), [{**row, "created_at": now} for row in rows])


def _by_http(system: System) -> int:
    body = {"category": "ktp", "text": "KTP saya rusak."}
    return httpx.post(f"{system.url}/api/v1/reports", json=body, timeout=60).status_code


def _offered(system: System) -> set[str]:
    return _stored(system, "tickets", select(tickets.c.reference).where(tickets.c.status == "offered"))


def _codes(system: System) -> set[str]:
    return _stored(system, "tickets", select(tickets.c.code))


def _kept(system: System) -> list[Any]:
    return [row for service in SERVICES for row in system.deferred(service)]


def _unaccounted(system: System, fuzzed: Sequence[Message]) -> list[Message]:
    """Those that are neither handled nor kept.

    What cannot be read is kept each time it came, which may be once more than it was sent: delivery is at least once.
    What was kept with the data of a reporter who was then erased, by another of these messages, is forgotten.
    """
    erased = _erased(system)
    kept = Counter((row.subscription, bytes(row.body)) for row in _kept(system))
    known: set[Any] = {_key(*place) for place in kept}
    for service in SERVICES:
        with system.database(service) as database, database.read() as connection:
            known |= {tuple(row) for row in connection.execute(select(*_HANDLED))}
    copies = Counter[tuple[str, bytes]]()
    for number, message in enumerate(fuzzed):
        copies[SUBSCRIPTIONS[message.queue], message.body] += 2 if number % 7 == 0 else 1
    missing = []
    for message in fuzzed:
        place = SUBSCRIPTIONS[message.queue], message.body
        key = _key(*place)
        accounted = kept[place] >= copies[place] if key is None else key in known
        if not accounted and not (place[0] == REMEMBER and str(_subject(message.body)) in erased):
            missing.append(message)
    return missing


_HANDLED = (inbox_table.c.subscription, inbox_table.c.source, inbox_table.c.id, inbox_table.c.digest)


def _key(subscription: str, body: bytes) -> tuple[str, str, str, str] | None:
    try:
        event = parse(body)
    except Malformed:
        return None
    return subscription, event.source, event.id, inbox.digest(event)


def _subject(body: bytes) -> object:
    """Whom an erasure takes it for, readable to us or not."""
    document = ijson.loosely(body)
    return document.get("subject") if isinstance(document, dict) else None


def _erased(system: System) -> set[str]:
    return _stored(system, "notify", select(reporters.c.ticket).where(reporters.c.erased_at.is_not(None)))


def _stored(system: System, service: str, column: Select[Any]) -> set[str]:
    with system.database(service) as database, database.read() as connection:
        return set(connection.scalars(column))
