"""The broker's definitions: exchanges, queues, bindings, policies, users and what each user may do.

RabbitMQ imports them when it starts, so that every queue is bound before the first message is published: a broker
confirms a message that nobody listens to, and it is gone. Source: rabbitmq.com/docs/definitions.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from estafet.events.registry import CONTRACTS
from estafet.events.topology import DEAD, dead_queue, exchanges, exchanges_of, services

VHOST = "estafet"

#: Two apps that come with the definitions, as examples of others: one with the least rights, and one that may also
#: declare ``tickets.events``, as nameko does unless ``DECLARE_EVENT_EXCHANGES`` is off. Who may declare may delete.
EXAMPLE_APP, EXAMPLE_DECLARING_APP = "intake", "peer"

#: Deliveries of one message that the broker allows before it gives it to the dead letters.
DELIVERY_LIMIT = 5

#: Messages in one queue. A fuse: beyond it the broker refuses to confirm, and the outboxes keep.
MAX_LENGTH = 1_000_000

_NOTHING = "^$"
_APP_NAME = re.compile(r"[a-z][a-z0-9]{1,30}")


def definitions(
    passwords: Mapping[str, str] | None = None,
    apps: Iterable[str] = (EXAMPLE_APP,),
    declaring: Iterable[str] = (EXAMPLE_DECLARING_APP,),
    *,
    rabbitmq: int = 4,
) -> dict[str, Any]:
    """The whole document.

    Without ``passwords`` each user's password is its own name and the document is the same every time: for a broker
    that only this machine reaches. With them, every user must have one and nobody else, and the salts are random.

    Args:
        passwords: user → password.
        apps: names of other apps that publish reports and read the public events.
        declaring: names of such apps that may also declare ``tickets.events``.
        rabbitmq: the broker's major version. RabbitMQ 3 has no delivery limit unless a policy sets one, and refuses
            the value that lifts it.

    Raises:
        ValueError: a user without password, a password without user, or an app's name that cannot be used.
    """
    names, declaring = services(), tuple(declaring)
    app_names = tuple(dict.fromkeys((*apps, *declaring)))
    for app in app_names:
        _check_app(app)
    users = (*names, *app_names, "ops")
    if passwords is not None and (missing := [user for user in users if not passwords.get(user)]):
        raise ValueError(f"give a password for {', '.join(missing)}")
    if passwords is not None and (unknown := sorted(set(passwords) - set(users))):
        raise ValueError(f"nobody is called {', '.join(unknown)}; name other apps with --app")
    return {
        "vhosts": [_vhost()],
        "users": [_user(user, passwords) for user in users],
        "permissions": [
            *(_permission(name, *_service_rights(name)) for name in names),
            *(_permission(app, *_app_rights(app, app in declaring)) for app in app_names),
            _permission("ops", _NOTHING, _NOTHING, _NOTHING),
        ],
        "topic_permissions": [topic for app in app_names for topic in _app_topics(app)],
        "exchanges": [*(_exchange(name, "topic") for name in exchanges()), _exchange(DEAD, "direct")],
        "queues": [_queue(name) for name in (*_event_queues(), *map(dead_queue, names))],
        "bindings": [*_event_bindings(), *(_binding(DEAD, dead_queue(name), name) for name in names)],
        "policies": [*(_service_policy(name) for name in names), *([_dead_policy(names)] if rabbitmq > 3 else [])],
    }


def _vhost() -> dict[str, Any]:
    # Said twice: newer brokers read the first, RabbitMQ 3.10 the second.
    metadata = {"description": "Estafet's events", "tags": [], "default_queue_type": "quorum"}
    return {"name": VHOST, "default_queue_type": "quorum", "metadata": metadata}


def _user(name: str, passwords: Mapping[str, str] | None) -> dict[str, Any]:
    local = passwords is None
    salt = hashlib.sha256(f"estafet:{name}".encode()).digest()[:4] if local else secrets.token_bytes(4)
    return {
        "name": name,
        "password_hash": password_hash(name if passwords is None else passwords[name], salt),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["monitoring"] if name == "ops" else [],
    }


def password_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's salted SHA-256 (rabbitmq.com/docs/passwords); the salt has four bytes."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _permission(user: str, configure: str, write: str, read: str) -> dict[str, str]:
    return {"user": user, "vhost": VHOST, "configure": configure, "write": write, "read": read}


def _service_rights(name: str) -> tuple[str, str, str]:
    """To publish on its own exchanges and read its own queues; to declare those, which compares their arguments."""
    own = exchanges_of(name)
    queues = rf"evt-[a-z]+-[a-z.]+--{name}\.[a-z_]+"
    return f"^{queues}$", f"^({'|'.join(map(re.escape, own))})$", rf"^({queues}|{name}\.dead)$"


def _app_rights(name: str, declares: bool) -> tuple[str, str, str]:
    """To publish reports, and to bind queues of its own, also under the names that nameko gives them."""
    own = rf"(app-{name}\..+|evt-tickets-[a-z.]+--{name}\.[A-Za-z_]+)"
    configure = rf"^(tickets\.events|{own})$" if declares else f"^{own}$"
    return configure, rf"^(intake\.events|{own})$", rf"^(tickets\.events|{own})$"


def _app_topics(name: str) -> list[dict[str, str]]:
    return [
        {
            "user": name,
            "vhost": VHOST,
            "exchange": "intake.events",
            "write": r"^report\.submitted$",
            "read": _NOTHING,
        },
        {"user": name, "vhost": VHOST, "exchange": "tickets.events", "write": _NOTHING, "read": ".*"},
    ]


def _check_app(name: str) -> None:
    taken = {*services(), "ops"} | {contract.publisher for contract in CONTRACTS} - {EXAMPLE_APP}
    if not _APP_NAME.fullmatch(name) or name in taken:
        raise ValueError(f"an app's name is 2 to 31 of a-z and 0-9, and none of {', '.join(sorted(taken))}: {name!r}")


def _exchange(name: str, kind: str) -> dict[str, Any]:
    flags = {"durable": True, "auto_delete": False, "internal": False, "arguments": {}}
    return {"name": name, "vhost": VHOST, "type": kind, **flags}


def _event_queues() -> list[str]:
    return [queue for contract in CONTRACTS for queue in contract.queues]


def _queue(name: str) -> dict[str, Any]:
    arguments = {"x-queue-type": "quorum"}
    return {"name": name, "vhost": VHOST, "durable": True, "auto_delete": False, "arguments": arguments}


def _event_bindings() -> list[dict[str, Any]]:
    return [_binding(contract.exchange, queue, contract.name) for contract in CONTRACTS for queue in contract.queues]


def _binding(source: str, queue: str, key: str) -> dict[str, Any]:
    target = {"destination": queue, "destination_type": "queue", "routing_key": key, "arguments": {}}
    return {"source": source, "vhost": VHOST, **target}


def _service_policy(name: str) -> dict[str, Any]:
    """What may change without a new declaration. ``at-least-once`` needs ``reject-publish`` (rabbitmq.com/docs/dlx)."""
    definition = {
        "delivery-limit": DELIVERY_LIMIT,
        "dead-letter-exchange": DEAD,
        "dead-letter-routing-key": name,
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
        "max-length": MAX_LENGTH,
    }
    return _policy(name, rf"^evt-.*--{name}\.", definition)


def _dead_policy(names: Iterable[str]) -> dict[str, Any]:
    """A crash while reading the dead letters must not drop the last copy."""
    return _policy(DEAD, rf"^({'|'.join(names)})\.dead$", {"delivery-limit": -1})


def _policy(name: str, pattern: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "vhost": VHOST,
        "name": name,
        "pattern": pattern,
        "apply-to": "queues",
        "priority": 10,
        "definition": dict(definition),
    }


@click.command()
@click.argument("passwords", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--app", "apps", multiple=True, help="An app that publishes reports; may be given several times.")
@click.option("--declaring-app", "declaring", multiple=True, help="An app that may also declare tickets.events.")
@click.option("--rabbitmq", type=click.IntRange(3, 4), default=4, show_default=True, help="The broker's major version.")
def main(passwords: Path, apps: tuple[str, ...], declaring: tuple[str, ...], rabbitmq: int) -> None:
    """Print the definitions with passwords of your own, read from a JSON file: {"tickets": "...", ...}."""
    try:
        document = definitions(json.loads(passwords.read_text()), apps, declaring, rabbitmq=rabbitmq)
    except ValueError as error:
        raise click.ClickException(f"{passwords}: {error}") from error
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
