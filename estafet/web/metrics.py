"""What is measured of HTTP. One registry a process: prometheus-client's own."""

from __future__ import annotations

from prometheus_client import Histogram

REQUESTS = Histogram(
    "estafet_http_request_seconds",
    "Time to answer a request, by service, method, route and status.",
    ("service", "method", "route", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
