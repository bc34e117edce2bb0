"""What is logged while an event is in hand names it; nothing of what it says is in the log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog

from estafet import logs
from estafet.events import Event
from estafet.relay.handling import handling
from estafet.relay.tracing import trace_id

EVENT = Event(
    "handoff.routed", "/estafet/routing", {"text": "rahasia"}, "m-2", datetime.now(UTC), "m-1", "m-0", subject="KDR-1"
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_line_names_the_event_in_hand() -> None:
    stream = io.StringIO()
    logs.configure(stream)
    with handling(EVENT):
        logging.getLogger("estafet.relay").warning("%s is dead", "tickets.decide")
        structlog.get_logger("services").info("decided", office="jalan")
    for line in map(json.loads, stream.getvalue().splitlines()):
        assert (line["ticket"], line["message"], line["causation"]) == ("KDR-1", "m-2", "m-0")
        assert line["trace"] == f"{trace_id('m-1'):032x}"
    assert "rahasia" not in stream.getvalue()


def test_without_an_event_a_line_names_none() -> None:
    stream = io.StringIO()
    logs.configure(stream)
    with handling(EVENT):
        pass
    logging.getLogger("estafet.relay").warning("the broker is away")
    assert not {"ticket", "message", "causation", "trace"} & json.loads(stream.getvalue()).keys()


def test_on_a_terminal_it_is_read_by_a_person() -> None:
    stream = Terminal()
    logs.configure(stream)
    with handling(EVENT):
        structlog.get_logger("services").info("decided", office="jalan")
    line = stream.getvalue()
    assert "decided" in line
    assert "KDR-1" in line
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(line)
