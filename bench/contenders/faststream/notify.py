"""FastStream as documented: a typed subscriber, acknowledged when it returns.

https://faststream.ag2.ai/latest/getting-started/subscription
"""

from __future__ import annotations

from faststream import FastStream
from uuid_utils.compat import uuid7

from bench.contenders import flow
from bench.contenders.faststream.broker import TICKETS, database, make_broker, queue
from bench.contenders.faststream.models import HandoffOffered, Message

broker = make_broker()

INSERT_NOTIFICATION = """
    insert into notifications (id, ticket, reference, recipient, template, created_at)
    values ($1, $2, $3, $4, $5, now())
"""


@broker.subscriber(queue("notify.offers", "handoff.offered"), TICKETS)
async def tell(message: Message[HandoffOffered]) -> None:
    offered = message.data
    await database.pool.execute(
        INSERT_NOTIFICATION, uuid7(), offered.ticket, offered.reference, offered.office, flow.TEMPLATE
    )


app = FastStream(broker, lifespan=database.lifespan, logger=None)
