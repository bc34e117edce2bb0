"""Queues and exchanges, as the contract registry says. When deployed they come from the broker's definitions file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from estafet.events import CONTRACTS, Contract

#: A direct exchange; each service's queues dead-letter to it with the service's name as routing key.
DEAD_EXCHANGE = "dead"


def dead_queue(service: str) -> str:
    """Where the broker puts what passed a delivery limit."""
    return f"{service}.dead"


def exchanges() -> list[str]:
    """Every exchange a contract publishes to."""
    return sorted({contract.exchange for contract in CONTRACTS})


def exchanges_of(service: str) -> list[str]:
    """Every exchange a service publishes to."""
    return sorted({contract.exchange for contract in CONTRACTS if contract.publisher == service})


def queues_of(service: str) -> dict[str, tuple[Contract, str]]:
    """Queue → (event, listener) of everything a service must listen to."""
    return {
        queue: (contract, listener)
        for contract in CONTRACTS
        for queue, listener in zip(contract.queues, contract.listeners, strict=True)
        if listener.partition(".")[0] == service
    }


@cache
def heard_by(service: str) -> tuple[tuple[str, str], ...]:
    """(listener, publisher): whose events each handler of a service hears, those of apps left out."""
    heard = {(listener, contract.publisher) for contract, listener in queues_of(service).values()}
    return tuple(sorted((listener, publisher) for listener, publisher in heard if publisher in services()))


@cache
def services() -> tuple[str, ...]:
    """Every service that must listen to something."""
    return tuple(sorted({listener.partition(".")[0] for contract in CONTRACTS for listener in contract.listeners}))


def declare_all(channel: Any, arguments: Mapping[str, Any] | None = None) -> None:
    """Declare all of it on a kombu channel, for brokers that were given no definitions file.

    ``arguments`` go to each queue; none is what stock nameko declares, and the vhost's default queue type decides.
    """
    for exchange in exchanges():
        channel.exchange_declare(exchange=exchange, type="topic", durable=True, auto_delete=False)
    channel.exchange_declare(exchange=DEAD_EXCHANGE, type="direct", durable=True, auto_delete=False)
    given = dict(arguments or {})
    for service in services():
        channel.queue_declare(queue=dead_queue(service), durable=True, auto_delete=False, arguments=given)
        channel.queue_bind(queue=dead_queue(service), exchange=DEAD_EXCHANGE, routing_key=service)
        for queue, (contract, _) in queues_of(service).items():
            channel.queue_declare(queue=queue, durable=True, auto_delete=False, arguments=given)
            channel.queue_bind(queue=queue, exchange=contract.exchange, routing_key=contract.name)
