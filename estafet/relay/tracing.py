"""One trace a report, across the services and whoever publishes with it (OpenTelemetry, W3C Trace Context).

A report's trace id is made of its correlation id, so every act on it, whenever and by whomever, is in the same trace.
An app's own trace, if its event carries one, is linked. Without an exporter nothing of OpenTelemetry is imported.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from estafet.events import Event

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import SpanContext

#: version 00, trace id, the sender's span id, flags
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def passed_on(event: Event) -> str | None:
    """The ``traceparent`` of an event, for what it causes; None when it has none, or not as the W3C has it."""
    given = event.traceparent
    return given if given and _TRACEPARENT.fullmatch(given) else None


def trace_id(correlationid: str) -> int:
    """Of a report, by the first message of its chain."""
    return int.from_bytes(hashlib.blake2b(correlationid.encode(), digest_size=16).digest())


class Tracing:
    """Makes the spans of one service, and sends them by an exporter."""

    def __init__(self, service: str, exporter: SpanExporter) -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

        class OfReports(RandomIdGenerator):
            """Trace ids are given, span ids are random."""

            given = 0

            def generate_trace_id(self) -> int:
                return self.given

        self._trace = trace
        self._ids = OfReports()
        # Its own attributes alone: what the machine's environment says of it may be nobody's business.
        resource = Resource.create({"service.name": service, "service.namespace": "estafet"})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("estafet")

    @contextmanager
    def handling(self, event: Event, handler: str) -> Iterator[str]:
        """A span while a handler works on an event; gives the ``traceparent`` of what it causes."""
        began = self._sent(event)
        ours = began is not None and began.trace_id == trace_id(event.correlationid)
        span = self._start(
            event.correlationid,
            f"{handler} {event.name}",
            kind=self._trace.SpanKind.CONSUMER,
            context=self._trace.set_span_in_context(self._trace.NonRecordingSpan(began)) if began and ours else None,
            links=[self._trace.Link(began)] if began and not ours else [],
            attributes=_attributes(event),
        )
        try:
            yield _traceparent(span.get_span_context())
        except BaseException as error:
            # Its message may hold what a person wrote.
            span.set_status(self._trace.StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            span.end()

    def act(self, name: str, correlationid: str, subject: str | None) -> str:
        """A span for what no message caused: a person acted, a clock rang, a letter went; its ``traceparent``."""
        attributes = {"estafet.ticket": subject} if subject else {}
        span = self._start(correlationid, name, kind=self._trace.SpanKind.PRODUCER, attributes=attributes)
        span.end()
        return _traceparent(span.get_span_context())

    def stop(self) -> None:
        """Send what is left."""
        self._provider.shutdown()

    def _start(self, correlationid: str, name: str, *, context: Any = None, **options: Any) -> Any:
        from opentelemetry.context import Context

        self._ids.given = trace_id(correlationid)
        return self._tracer.start_span(name, context=context or Context(), **options)

    def _sent(self, event: Event) -> SpanContext | None:
        found = _TRACEPARENT.fullmatch(event.traceparent or "")
        if found is None:
            return None
        trace, span, flags = (int(part, 16) for part in found.groups())
        return self._trace.SpanContext(trace, span, is_remote=True, trace_flags=self._trace.TraceFlags(flags & 1))


def _attributes(event: Event) -> dict[str, str]:
    """By OpenTelemetry's conventions for messaging; nothing of what the event says."""
    named = {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "process",
        "messaging.message.id": event.id,
        "messaging.message.conversation_id": event.correlationid,
        "estafet.causation": event.causationid,
        "estafet.ticket": event.subject,
    }
    return {name: value for name, value in named.items() if value is not None}


def _traceparent(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags & 1:02x}"


def exporting(service: str, endpoint: str | None) -> Tracing | None:
    """Tracing by OTLP over HTTP, if an endpoint is configured. The exporter reads ``OTEL_EXPORTER_OTLP_*`` itself."""
    if not endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return Tracing(service, OTLPSpanExporter())
