"""Queues and exchanges, as the contract registry says. When deployed they come from the broker's definitions file."""

from __future__ import annotations

from functools import cache
from typing import Any

from estafet.events.registry import CONTRACTS, Contract

#: A direct exchange; each service's queues dead-letter to it with the service's name as routing key.
DEAD = "dead"


def dead_queue(service: str) -> str:
    """Where the broker puts what passed a delivery limit."""
    return f"{service}.dead"


@cache
def services() -> tuple[str, ...]:
    """Every service that must listen to something, in the order of the registry."""
    return tuple(dict.fromkeys(name.partition(".")[0] for contract in CONTRACTS for name in contract.listeners))


def exchanges() -> tuple[str, ...]:
    """Every exchange that a contract publishes to, in the order of the registry."""
    return tuple(dict.fromkeys(contract.exchange for contract in CONTRACTS))


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


def declare_all(channel: Any) -> None:
    """Declare all of it on a kombu channel, for brokers that were given no definitions file.

    Without arguments, as stock nameko declares: the vhost's default queue type decides.
    """
    for exchange in exchanges():
        channel.exchange_declare(exchange=exchange, type="topic", durable=True, auto_delete=False)
    channel.exchange_declare(exchange=DEAD, type="direct", durable=True, auto_delete=False)
    for service in services():
        _declare_queue(channel, dead_queue(service), DEAD, service)
        for queue, (contract, _) in queues_of(service).items():
            _declare_queue(channel, queue, contract.exchange, contract.name)


def _declare_queue(channel: Any, queue: str, exchange: str, routing_key: str) -> None:
    channel.queue_declare(queue=queue, durable=True, auto_delete=False)
    channel.queue_bind(queue=queue, exchange=exchange, routing_key=routing_key)
