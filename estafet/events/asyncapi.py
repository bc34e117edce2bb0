"""AsyncAPI 3.1: what one service sends and receives, seen from that service."""

from __future__ import annotations

from typing import Any

from estafet.events.definitions import VHOST
from estafet.events.registry import CONTRACTS, Contract, queue_name
from estafet.events.topology import queues_of

VERSION = "3.1.0"
_AMQP = "0.3.0"

#: Where the schemas are, seen from the document.
SCHEMAS = "../schemas"


def document(service: str, schemas: str = SCHEMAS) -> dict[str, Any]:
    """The AsyncAPI document of a publisher or listener in the registry; ``schemas``: where those are, seen from it."""
    sends = [contract for contract in CONTRACTS if contract.publisher == service]
    receives = list(queues_of(service).values())
    messages = {contract.key: contract for contract in [*sends, *(contract for contract, _ in receives)]}
    return {
        "asyncapi": VERSION,
        "id": f"urn:estafet:{service}",
        "info": {"title": f"Estafet: {service}", "version": "1.0.0", "description": DESCRIPTIONS[service]},
        "defaultContentType": "application/json",
        "servers": {"broker": _SERVER},
        "channels": {
            **{_sent_channel(contract): _exchange_channel(contract) for contract in sends},
            **{
                _received_channel(contract, listener): _queue_channel(contract, listener)
                for contract, listener in receives
            },
        },
        "operations": {
            **{f"send.{contract.key}": _send(contract) for contract in sends},
            **{f"receive.{_received_channel(*each)}": _receive(*each) for each in receives},
        },
        "components": {
            "securitySchemes": {"password": {"type": "userPassword"}},
            "correlationIds": {
                "chain": {"location": "$message.payload#/correlationid", "description": "The chain's first message."}
            },
            "messages": {key: _message(contract, schemas) for key, contract in messages.items()},
        },
    }


#: Who has a document, and what it is about.
DESCRIPTIONS = {
    "intake": "Any app that hands in reports. Answers come on tickets.events.",
    "tickets": "Who holds each report.",
    "routing": "Who should hold it next, by when, and whether a handoff is allowed.",
    "notify": "Who must be told, and what became of it.",
}

_SERVER = {
    "host": "localhost:5672",
    "protocol": "amqp",
    "protocolVersion": "0-9-1",
    "pathname": f"/{VHOST}",
    "description": "RabbitMQ. Exchanges, queues and bindings come from deploy/rabbitmq/definitions.json.",
    "security": [{"$ref": "#/components/securitySchemes/password"}],
}


def _sent_channel(contract: Contract) -> str:
    return f"{contract.exchange}.{contract.name}"


def _received_channel(contract: Contract, listener: str) -> str:
    return f"{listener}.{contract.name}"


def _exchange_channel(contract: Contract) -> dict[str, Any]:
    exchange = {"name": contract.exchange, "type": "topic", "durable": True, "autoDelete": False, "vhost": VHOST}
    return {
        "address": contract.name,
        "description": contract.summary,
        "messages": _messages([contract]),
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": _AMQP}},
    }


def _queue_channel(contract: Contract, listener: str) -> dict[str, Any]:
    name = queue_name(contract.publisher, contract.name, listener)
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": VHOST}
    return {
        "address": name,
        "description": f"{contract.name} for {listener}.",
        "messages": _messages([contract]),
        "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": _AMQP}},
        "x-queue-type": "quorum",
    }


def _messages(contracts: list[Contract]) -> dict[str, Any]:
    return {each.key: {"$ref": f"#/components/messages/{each.key}"} for each in contracts}


def _send(contract: Contract) -> dict[str, Any]:
    properties = {"deliveryMode": 2, "timestamp": True, "bindingVersion": _AMQP}
    return {**_operation("send", _sent_channel(contract), contract), "bindings": {"amqp": properties}}


def _receive(contract: Contract, listener: str) -> dict[str, Any]:
    acknowledged = {"ack": True, "bindingVersion": _AMQP}
    operation = _operation("receive", _received_channel(contract, listener), contract)
    return {**operation, "bindings": {"amqp": acknowledged}}


def _operation(action: str, channel: str, contract: Contract) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": contract.summary,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{contract.key}"}],
    }


def _message(contract: Contract, schemas: str) -> dict[str, Any]:
    data = {"$ref": f"{schemas}/{contract.key}.json"}
    own = {"type": "object", "properties": {"type": {"const": contract.type}, "data": data}}
    return {
        "name": contract.key,
        "title": contract.name,
        "summary": contract.summary,
        "contentType": "application/json",
        "correlationId": {"$ref": "#/components/correlationIds/chain"},
        "payload": {"allOf": [{"$ref": f"{schemas}/envelope.json"}, own]},
    }
