"""One trace a report, made of its correlation id; what an app's event carries is linked, if it is as the W3C has it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from estafet.events import Event, new_id
from estafet.relay.tracing import Tracing, passed_on, trace_id

THEIRS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
EVENT = Event("report.submitted", "/wali", {}, "m-1", datetime.now(UTC), "m-1", subject="KDR-1", traceparent=THEIRS)


class Traced:
    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracing = Tracing("tickets", self._exporter)

    def spans(self) -> tuple[ReadableSpan, ...]:
        self.tracing.stop()
        return self._exporter.get_finished_spans()


@pytest.fixture
def traced() -> Iterator[Traced]:
    traced = Traced()
    yield traced
    traced.tracing.stop()


def test_what_an_event_causes_is_in_its_trace_below_it(traced: Traced) -> None:
    with traced.tracing.handling(replace(EVENT, traceparent=None), "tickets.submit") as first:
        pass
    caused = replace(EVENT, name="ticket.opened", id="m-2", causationid="m-1", traceparent=first)
    with traced.tracing.handling(caused, "routing.route"):
        pass
    above, below = traced.spans()
    assert above.context.trace_id == below.context.trace_id == trace_id("m-1")
    assert above.parent is None
    assert below.parent is not None
    assert below.parent.span_id == above.context.span_id
    assert (above.name, below.name) == ("tickets.submit report.submitted", "routing.route ticket.opened")


def test_an_apps_own_trace_is_linked_not_taken(traced: Traced) -> None:
    with traced.tracing.handling(EVENT, "tickets.submit"):
        pass
    (span,) = traced.spans()
    assert span.context.trace_id == trace_id("m-1")
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [THEIRS.split("-")[1]]


def test_what_a_person_does_later_is_in_the_same_trace(traced: Traced) -> None:
    with traced.tracing.handling(EVENT, "tickets.submit"):
        pass
    parent = traced.tracing.act("handoff.accepted", "m-1", "KDR-1")
    handled, act = traced.spans()
    assert act.context.trace_id == handled.context.trace_id
    assert parent == f"00-{act.context.trace_id:032x}-{act.context.span_id:016x}-01"


def test_a_failure_is_named_by_its_kind_alone(traced: Traced) -> None:
    with pytest.raises(ValueError, match="Budi"), traced.tracing.handling(EVENT, "tickets.submit"):
        raise ValueError("Budi, budi@contoh.id")
    (span,) = traced.spans()
    assert span.status.description == "ValueError"
    assert "Budi" not in span.to_json()


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        THEIRS.upper(),
        THEIRS + "\n",
    ],
)
def test_what_is_no_traceparent_is_not_passed_on(given: str | None, traced: Traced) -> None:
    event = replace(EVENT, traceparent=given)
    assert passed_on(event) is None
    with traced.tracing.handling(event, "tickets.submit"):
        pass
    assert traced.spans()[0].links == ()


def test_a_traceparent_is_passed_on() -> None:
    assert passed_on(EVENT) == THEIRS


@given(st.text())
def test_every_correlation_id_makes_a_trace_id(correlation: str) -> None:
    assert 0 < trace_id(correlation) < 2**128


def test_two_reports_have_two_traces() -> None:
    assert trace_id(new_id()) != trace_id(new_id())


def test_nothing_is_imported_where_nobody_traces() -> None:
    look = "import sys, estafet.relay.receiver; print([name for name in sys.modules if 'opentelemetry' in name])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
