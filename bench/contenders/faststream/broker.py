"""What the services share: the broker, the exchanges, and a pool of connections that lives as long as the application.

https://faststream.ag2.ai/latest/rabbit/examples/topic, https://faststream.ag2.ai/latest/getting-started/lifespan
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue

#: How many messages a service works on at once: as many tasks of its event loop.
CONCURRENT = 100

INTAKE = RabbitExchange("intake.events", type=ExchangeType.TOPIC, durable=True)
TICKETS = RabbitExchange("tickets.events", type=ExchangeType.TOPIC, durable=True)
ROUTING = RabbitExchange("routing.events", type=ExchangeType.TOPIC, durable=True)


def make_broker() -> RabbitBroker:
    """Confirms are on by default. Its log would be two lines a message."""
    return RabbitBroker(os.environ["AMQP_URI"], default_channel=Channel(prefetch_count=CONCURRENT), logger=None)


def queue(name: str, routing_key: str) -> RabbitQueue:
    return RabbitQueue(name, routing_key=routing_key, queue_type=QueueType.QUORUM, durable=True)


class Database:
    """Not in FastStream's context: to take something from there costs each message a turn of a thread."""

    pool: asyncpg.Pool

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as self.pool:
            yield


database = Database()
