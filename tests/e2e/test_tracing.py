"""A report's trace as a collector receives it: one id in all three services, and each span below what caused it."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from estafet.relay.tracing import trace_id
from tests.e2e.conftest import GOOD, Make
from tests.e2e.system import System, until

#: What no message causes: what people do, and that a letter went.
ACTS = {"ticket.opened", "report.accepted", "reporter.given", "handoff.accepted", "notification.sent"}
EXPECTED = {
    "ticket.opened",
    "routing.route ticket.opened",
    "tickets.decide handoff.routed",
    "notify.tell handoff.offered",
    "handoff.accepted",
    "notify.tell handoff.accepted",
}


class Collector:
    """Receives spans as OTLP over HTTP has it, and keeps them."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Any]] = []
        keep = self.spans

        class Receive(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                for each in ExportTraceServiceRequest.FromString(body).resource_spans:
                    named = {item.key: item.value.string_value for item in each.resource.attributes}
                    for scope in each.scope_spans:
                        keep.extend((named["service.name"], span) for span in scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Collector:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module", params=["embedded", "deployed"])
def traced(request: pytest.FixtureRequest, make: Make, collector: Collector) -> Iterator[System]:
    system = make(request.param).prepare()
    # Spans leave once a second instead of every five.
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "1000"}
    system.environment = {**system.environment, **told}
    yield system.start()
    system.close()


def test_a_report_is_one_trace(traced: System, collector: Collector) -> None:
    traced.wait_for_city()
    tokens = traced.tokens()
    with traced.client(tokens["dispendukcapil"]) as office:
        code = office.report(GOOD)["code"]
        version = office.wait_for(code, lambda each: each["status"] == "offered")["version"]
        office.accept(code, version)
        chain = list(office.chain(code))
    correlation = json.loads(chain[0]["body"])["correlationid"] if "body" in chain[0] else chain[0]["correlationid"]
    ours = trace_id(correlation).to_bytes(16)

    def told() -> bool:
        """Each service sends on its own, once a second: what is below a span may come before it."""
        found = [span for _, span in _of(collector, ours)]
        there = {span.span_id for span in found}
        whole = all(span.parent_span_id in there or span.name in ACTS for span in found)
        return whole and {span.name for span in found} >= EXPECTED

    until(told, "the trace to be whole")
    assert {service for service, _ in _of(collector, ours)} == {"tickets", "routing", "notify"}
    spans = {span.span_id: span for _, span in _of(collector, ours)}
    decided = next(span for span in spans.values() if span.name == "tickets.decide handoff.routed")
    assert spans[decided.parent_span_id].name == "routing.route ticket.opened"
    kept = " ".join(str(span) for span in spans.values())
    assert GOOD["text"] not in kept
    assert code in kept


def _of(collector: Collector, trace: bytes) -> list[tuple[str, Any]]:
    return [(service, span) for service, span in list(collector.spans) if span.trace_id == trace]
