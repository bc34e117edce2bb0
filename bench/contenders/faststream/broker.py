"""What the services share: the broker, the exchanges, and a pool of connections in the context.

https://faststream.ag2.ai/latest/rabbit/examples/topic, https://faststream.ag2.ai/latest/getting-started/lifespan
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from faststream import ContextRepo
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


@asynccontextmanager
async def lifespan(context: ContextRepo) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        context.set_global("pool", pool)
        yield
