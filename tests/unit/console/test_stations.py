"""Where a message is, as a line of stations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from estafet.cli.messages.finding import Trace
from estafet.cli.messages.whereabouts import Committed, Hearing, Message, Setback, judge
from estafet.console.drawing import Drawing
from estafet.console.stations import stations

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SENT = Committed(NOW, NOW)


def setback(state: str) -> Setback:
    return Setback("42", state, "ValueError", "notify.tell:7", 3, NOW)


@pytest.mark.parametrize(
    ("committed", "hearing", "marks"),
    [
        (Committed(NOW), Hearing("notify.tell"), "here ahead ahead"),
        (Committed(NOW, returned_at=NOW), Hearing("notify.tell"), "stuck ahead ahead"),
        (SENT, Hearing("notify.tell"), "passed here ahead"),
        (SENT, Hearing("notify.tell", setbacks=(setback("waiting"),)), "passed passed here"),
        (SENT, Hearing("notify.tell", setbacks=(setback("dead"),)), "passed passed stuck"),
        (SENT, Hearing("notify.tell", setbacks=(setback("discarded"),)), "passed passed passed"),
        (SENT, Hearing("notify.tell", handled_at=NOW), "passed passed passed"),
        (SENT, Hearing("notify.tell", unreachable="away"), "passed unknown unknown"),
        (None, Hearing("notify.tell"), "unknown unknown unknown"),
        (None, Hearing("notify.tell", handled_at=NOW), "unknown passed passed"),
    ],
)
def test_the_line(committed: Committed | None, hearing: Hearing, marks: str) -> None:
    message = Message("1", "ticket.opened", "/estafet/tickets", committed, (hearing,))
    verdict = judge(message, hearing)
    line = stations(message, verdict)
    assert [each.name for each in line] == ["outbox", "queue", "handler"]
    assert " ".join(each.mark for each in line) == marks
    html = Drawing("t", "rini").page(
        "trace.html",
        wanted="1",
        failure="",
        found=Trace("1", False, [message], {}),
        messages=[(message, [verdict])],
        waiting=1,
    )
    assert f">{verdict.state}</span>" in html
    assert ("/deferred/notify/42" in html) is bool(hearing.setbacks)
