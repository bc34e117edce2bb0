"""Logging: readable on a terminal, one JSON object a line everywhere else."""

from __future__ import annotations

import logging
from typing import TextIO

import structlog

from estafet.relay.handling import in_hand
from estafet.relay.tracing import trace_id

#: Libraries that say more than anybody wants to read, with the level from which they may speak.
_QUIET = {"nameko": logging.ERROR, "kombu": logging.WARNING, "amqp": logging.WARNING, "alembic": logging.WARNING}


def configure(stream: TextIO, level: int = logging.INFO) -> None:
    """Send what structlog and the standard library log to ``stream``."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_the_event,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_form(stream)],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


def _name_the_event(logger: object, method: str, entry: structlog.types.EventDict) -> structlog.types.EventDict:
    """What is logged while an event is in hand says which, so that it is found from chain and trace."""
    event = in_hand()
    if event is not None:
        entry.setdefault("ticket", event.subject)
        entry.setdefault("message", event.id)
        entry.setdefault("causation", event.causationid)
        entry.setdefault("trace", f"{trace_id(event.correlationid):032x}")
    return entry


def _form(stream: TextIO) -> list[structlog.types.Processor]:
    if stream.isatty():
        return [structlog.dev.ConsoleRenderer()]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
