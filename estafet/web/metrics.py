"""What is measured of HTTP. One registry a process: prometheus-client's own."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Histogram(
    "estafet_http_request_seconds",
    "Time to answer a request, by service, method, route and status.",
    ("service", "method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

REFUSED = Counter(
    "estafet_http_refused",
    "Requests refused before anything was done for them, by service and problem (too-many-requests, busy).",
    ("service", "problem"),
)
DROPPED = Counter(
    "estafet_http_connections_dropped",
    "Connections closed to make room for newer ones: those whose clients had kept us waiting longest.",
    ("service",),
)
