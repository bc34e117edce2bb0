"""Who may do what on the broker, asked of a real one that was set up by the definitions: every account, every act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import amqp
import pytest
from kombu import Connection

from estafet.events import CONTRACTS
from estafet.events.definitions import EXAMPLE_APP, EXAMPLE_DECLARING_APP, VHOST
from estafet.events.topology import DEAD, services
from tests.bed import Broker

Ask = Callable[[amqp.Channel], object]

#: An app that the operator named, the two of the local definitions, each service, and the operator's own account.
WALI = "wali"
ACCOUNTS = (*services(), WALI, EXAMPLE_APP, EXAMPLE_DECLARING_APP, "ops")

#: A queue of each account that may have some.
OWN = {
    "tickets": "evt-intake-report.submitted--tickets.submit",
    "routing": "evt-tickets-ticket.opened--routing.route",
    "notify": "evt-tickets-reporter.given--notify.remember",
    **{app: f"app-{app}.own" for app in (WALI, EXAMPLE_APP, EXAMPLE_DECLARING_APP)},
}
APPS = (WALI, EXAMPLE_APP, EXAMPLE_DECLARING_APP)


@dataclass(frozen=True, slots=True)
class Right:
    """An act on the broker and the accounts that may do it; all others are refused."""

    name: str
    accounts: tuple[str, ...]
    ask: Callable[[str], Ask]


def _publish(exchange: str, key: str, **properties: Any) -> Ask:
    message = amqp.Message("{}", content_type="application/json", delivery_mode=2, **properties)
    return lambda channel: channel.basic_publish(message, exchange=exchange, routing_key=key)


def _own(user: str) -> str:
    return OWN.get(user, f"app-{user}.own")


def _bind(exchange: str, key: str) -> Callable[[str], Ask]:
    """A queue of one's own to an exchange. A service has none that it may bind: the definitions do that."""

    def ask(channel: amqp.Channel, user: str) -> None:
        if user in APPS:
            channel.queue_declare(_own(user), durable=True, auto_delete=False)
        channel.queue_bind(_own(user), exchange, key)
        channel.queue_unbind(_own(user), exchange, key)

    return lambda user: lambda channel: ask(channel, user)


def _through_dead_letters(exchange: str) -> Callable[[str], Ask]:
    """A queue that hands what expires in it on to an exchange that its owner may not write to."""
    arguments = {"x-dead-letter-exchange": exchange, "x-message-ttl": 1}
    return lambda user: (
        lambda channel: channel.queue_declare(
            f"app-{user}.{exchange}", durable=True, auto_delete=False, arguments=arguments
        )
    )


def _exchange_beside(exchange: str) -> Callable[[str], Ask]:
    """The same by what an exchange of one's own cannot route."""
    arguments = {"alternate-exchange": exchange}
    return lambda user: (
        lambda channel: channel.exchange_declare(
            f"app-{user}.{exchange}", "topic", durable=True, auto_delete=False, arguments=arguments
        )
    )


def _rights() -> Iterator[Right]:
    for exchange in dict.fromkeys(contract.exchange for contract in CONTRACTS):
        key = next(contract.name for contract in CONTRACTS if contract.exchange == exchange)
        publisher = exchange.partition(".")[0]
        writers = APPS if publisher == "intake" else (publisher,)
        yield Right(f"publish to {exchange}", writers, lambda user, e=exchange, k=key: _publish(e, k))
        yield Right(f"bind to {exchange}", APPS if exchange == "tickets.events" else (), _bind(exchange, "#"))
        through = APPS if publisher == "intake" else ()
        yield Right(f"hand dead letters to {exchange}", through, _through_dead_letters(exchange))
        yield Right(f"hand the unroutable to {exchange}", through, _exchange_beside(exchange))
        declares = (EXAMPLE_DECLARING_APP,) if exchange == "tickets.events" else ()
        yield Right(f"declare {exchange}", declares, lambda user, e=exchange: _declare_exchange(e))
        yield Right(f"delete {exchange}", declares, lambda user, e=exchange: _delete_exchange(e))
    yield Right("publish another key to intake.events", (), lambda user: _publish("intake.events", "ticket.closed"))
    yield Right(f"publish to {DEAD}", (), lambda user: _publish(DEAD, "tickets"))
    yield Right("bind to dead", (), _bind(DEAD, "tickets"))
    for queue in (*OWN.values(), *(f"{name}.dead" for name in services())):
        owner = next((user for user, own in OWN.items() if own == queue), queue.partition(".")[0])
        owners, apps = (owner,), (owner,) if owner in APPS else ()
        yield Right(f"read {queue}", owners, lambda user, q=queue: lambda channel: channel.basic_get(q))
        yield Right(f"consume {queue}", owners, lambda user, q=queue: lambda channel: channel.basic_consume(q))
        yield Right(f"purge {queue}", owners, lambda user, q=queue: lambda channel: channel.queue_purge(q))
        yield Right(f"bind {queue}", apps, lambda user, q=queue: _bind_other(q))
        yield Right(f"put into {queue} past all exchanges", (), lambda user, q=queue: _publish("", q))
    for queue in (*(OWN[app] for app in (WALI, EXAMPLE_APP)), "tickets.dead", "routing.dead", "notify.dead"):
        owners = tuple(app for app in APPS if OWN[app] == queue)
        yield Right(f"delete {queue}", owners, lambda user, q=queue: lambda channel: channel.queue_delete(q))
    for name in (*services(), EXAMPLE_APP):
        yield Right(f"publish as {name}", (name,), lambda user, n=name: _as(user, n))


def _declare_exchange(name: str) -> Ask:
    return lambda channel: channel.exchange_declare(name, "topic", durable=True, auto_delete=False)


def _delete_exchange(name: str) -> Ask:
    """Only if nothing is bound to it, which it is: who may is told so (406), all others that they may not (403)."""

    def ask(channel: amqp.Channel) -> None:
        with suppress(amqp.PreconditionFailed):
            channel.exchange_delete(name, if_unused=True)

    return ask


def _bind_other(queue: str) -> Ask:
    return lambda channel: channel.queue_bind(queue, "tickets.events", "ticket.closed")


def _as(user: str, claimed: str) -> Ask:
    """On an exchange that the account may write to; the broker looks at whom it says it is."""
    if user in services():
        exchange = f"{user}.events"
        return _publish(exchange, next(each.name for each in CONTRACTS if each.exchange == exchange), user_id=claimed)
    return _publish("intake.events", "report.submitted", user_id=claimed)


RIGHTS = list(_rights())


class Accounts:
    """A connection for each account: opening one takes longer than the asking."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._connections: dict[str | None, Connection] = {}

    def channel(self, account: str | None) -> amqp.Channel:
        """A new one, on which publishing waits for the broker's confirm or refusal. None: the administrator's."""
        connection = self._connections.get(account)
        if connection is None or not connection.connected:
            uri = self._broker.uri(account, vhost=VHOST)
            connection = self._connections[account] = Connection(uri, transport_options={"confirm_publish": True})
        return connection.channel()

    def close(self) -> None:
        for connection in self._connections.values():
            connection.release()


@pytest.fixture(scope="module")
def accounts(broker: Broker) -> Iterator[Accounts]:
    accounts = Accounts(broker)
    yield accounts
    accounts.close()


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("right", RIGHTS, ids=[right.name for right in RIGHTS])
def test_permissions(accounts: Accounts, right: Right, account: str) -> None:
    administrator = accounts.channel(None)
    for app in APPS:
        administrator.queue_declare(OWN[app], durable=True, auto_delete=False)
    administrator.close()
    channel = accounts.channel(account)
    ask = right.ask(account)
    if account in right.accounts:
        ask(channel)
        channel.close()
        return
    with pytest.raises((amqp.AccessRefused, amqp.PreconditionFailed)) as refused:
        ask(channel)
    impostor = right.name.startswith("publish as") and account != "ops"
    assert refused.value.reply_code == (406 if impostor else 403)


def test_permissions_know_every_account(broker: Broker) -> None:
    there = {each["user"] for each in broker.api("GET", f"/vhosts/{VHOST}/permissions")}
    assert set(ACCOUNTS) == there - {"guest"}


def test_permissions_know_every_exchange(broker: Broker) -> None:
    there = {each["name"] for each in broker.api("GET", f"/exchanges/{VHOST}")}
    assert {each for each in there if each and not each.startswith(("amq.", "app-"))} == {
        *(contract.exchange for contract in CONTRACTS),
        DEAD,
    }
