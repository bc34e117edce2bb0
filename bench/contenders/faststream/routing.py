"""FastStream as documented: what a subscriber returns is published, before the message it came from is acknowledged.

https://faststream.ag2.ai/latest/getting-started/publishing/decorator
"""

from __future__ import annotations

from faststream import FastStream
from uuid_utils.compat import uuid7

from bench.contenders import flow
from bench.contenders.faststream.broker import ROUTING, TICKETS, database, make_broker, queue
from bench.contenders.faststream.models import HandoffRouted, Message, TicketOpened

broker = make_broker()

INSERT_DECISION = """
    insert into decisions (id, ticket, category, office, deadline, created_at) values ($1, $2, $3, $4, $5, now())
"""


@broker.subscriber(queue("routing.tickets", "ticket.opened"), TICKETS)
@broker.publisher(exchange=ROUTING, routing_key="handoff.routed", persist=True)
async def decide(opened: Message[TicketOpened]) -> Message[HandoffRouted]:
    ticket = opened.data
    office, deadline = flow.receiver(ticket.category)
    await database.pool.execute(INSERT_DECISION, uuid7(), ticket.ticket, ticket.category, office, deadline)
    return Message[HandoffRouted](
        name="handoff.routed",
        correlationid=opened.correlationid,
        causationid=str(opened.id),
        data=HandoffRouted(ticket=ticket.ticket, office=office, deadline=deadline),
    )


app = FastStream(broker, lifespan=database.lifespan, logger=None)
