"""What the relay counts, for Prometheus. Created once per process; embedded services share it, told apart by label."""

from __future__ import annotations

from contextlib import suppress

from prometheus_client import Counter, Gauge, Histogram

outbox_unpublished = Gauge("estafet_outbox_unpublished", "Events committed and not yet published.", ["service"])
outbox_oldest_seconds = Gauge(
    "estafet_outbox_oldest_seconds", "Age of the oldest event not yet published, in seconds.", ["service"]
)
outbox_published = Counter("estafet_outbox_published_total", "Events the broker confirmed.", ["type"])
outbox_unrouted = Counter("estafet_outbox_unrouted_total", "Events the broker returned: nobody is bound.", ["type"])
confirm_timeouts = Counter(
    "estafet_outbox_confirm_timeouts_total", "Windows whose confirms did not come in time.", ["service"]
)
handled = Counter(
    "estafet_handled_total",
    "Messages by handler, event (that its queue is for; unknown: of no queue of ours) and what became of them:"
    " handled, duplicate, deferred or dead.",
    ["subscription", "event", "outcome"],
)
handler_seconds = Histogram("estafet_handler_seconds", "Time in a handler, in seconds.", ["subscription"])
critical_seconds = Histogram(
    "estafet_critical_seconds",
    "From an event's time to its handling, in seconds.",
    ["subscription"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400),
)
batch_size = Histogram(
    "estafet_batch_size", "Messages in one transaction.", ["service"], buckets=(1, 2, 5, 10, 20, 50, 100, 200)
)
deferred = Gauge("estafet_deferred", "Messages that wait for their next attempt.", ["service"])
dead = Gauge("estafet_dead", "Messages that nobody could handle, kept.", ["subscription", "reason"])
paused = Gauge("estafet_paused", "1 while consumption holds because the database is away.", ["service"])
timer_errors = Counter("estafet_timer_errors_total", "Timers that raised.", ["timer"])
certificate_expires = Gauge(
    "estafet_certificate_expires_timestamp_seconds",
    "When the certificate of a TLS peer runs out, in seconds since 1970.",
    ["peer"],
)


def forget_outbox(service: str) -> None:
    """Another replica measures the outbox now: what this one found last is not so any more."""
    for gauge in (outbox_unpublished, outbox_oldest_seconds):
        with suppress(KeyError):
            gauge.remove(service)
