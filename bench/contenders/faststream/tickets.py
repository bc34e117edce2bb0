"""FastStream as documented: typed subscribers and publishers, and a POST route of its own; commit, then publish.

https://faststream.ag2.ai/latest/getting-started/asgi, https://faststream.ag2.ai/latest/getting-started/publishing
"""

from __future__ import annotations

import json
from uuid import UUID

import asyncpg
from faststream.asgi import AsgiFastStream, AsgiResponse, Request, post
from pydantic import BaseModel, ValidationError
from uuid_utils.compat import uuid7

from bench.contenders import flow
from bench.contenders.faststream.broker import INTAKE, ROUTING, TICKETS, database, make_broker, queue
from bench.contenders.faststream.models import (
    HandoffOffered,
    HandoffRouted,
    Message,
    Report,
    Submission,
    TicketOpened,
)

broker = make_broker()
opened_publisher = broker.publisher(exchange=TICKETS, routing_key="ticket.opened", persist=True)
offered_publisher = broker.publisher(exchange=TICKETS, routing_key="handoff.offered", persist=True)

INSERT_TICKET = """
    insert into tickets (code, reference, category, text, reporter, state, created_at, updated_at)
    values ($1, $2, $3, $4, $5, 'open', now(), now())
"""
INSERT_ENTRY = """
    insert into chain (ticket, position, message_id, name, body, previous, hash, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, now())
"""
INSERT_OFFER = "insert into offers (id, ticket, office, deadline, created_at) values ($1, $2, $3, $4, now())"
LOCK_TICKET = "select reference from tickets where code = $1 for update"
SELECT_HEAD = "select position, hash from chain where ticket = $1 order by position desc limit 1"
UPDATE_TICKET = "update tickets set state = 'offered', office = $2, deadline = $3, updated_at = now() where code = $1"


@broker.subscriber(queue("tickets.reports", "report.submitted"), INTAKE)
async def submit(report: Report) -> None:
    await open_ticket(report.data, report.id)


@post
async def post_report(request: Request) -> AsgiResponse:
    try:
        submission = Submission.model_validate_json(await request.body())
    except ValidationError as error:
        return AsgiResponse(error.json(include_input=False).encode(), 422, {"Content-Type": "application/json"})
    code = await open_ticket(submission, str(uuid7()))
    return AsgiResponse(json.dumps({"code": code}).encode(), 201, {"Content-Type": "application/json"})


@broker.subscriber(queue("tickets.decisions", "handoff.routed"), ROUTING)
@offered_publisher
async def offer(decision: Message[HandoffRouted]) -> Message[HandoffOffered]:
    chosen = decision.data
    async with database.pool.acquire() as connection, connection.transaction():
        reference = await connection.fetchval(LOCK_TICKET, chosen.ticket)
        offered = Message[HandoffOffered](
            name="handoff.offered",
            correlationid=decision.correlationid,
            causationid=str(decision.id),
            data=HandoffOffered(**chosen.model_dump(), reference=reference),
        )
        await connection.execute(UPDATE_TICKET, chosen.ticket, chosen.office, chosen.deadline)
        await connection.execute(INSERT_OFFER, uuid7(), chosen.ticket, chosen.office, chosen.deadline)
        position, head = await connection.fetchrow(SELECT_HEAD, chosen.ticket)
        await append(connection, chosen.ticket, position + 1, head, offered)
    return offered


async def open_ticket(submission: Submission, report_id: str) -> str:
    code = flow.new_code()
    opened = Message[TicketOpened](
        name="ticket.opened",
        correlationid=report_id,
        causationid=report_id,
        data=TicketOpened(ticket=code, reference=submission.reference, category=submission.category),
    )
    reporter = json.dumps(submission.reporter)
    async with database.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            INSERT_TICKET, code, submission.reference, submission.category, submission.text, reporter
        )
        await append(connection, code, 1, flow.NOTHING_BEFORE, opened)
    await opened_publisher.publish(opened)
    return code


async def append(connection: asyncpg.Connection, ticket: str, position: int, previous: str, message: BaseModel) -> None:
    entry = message.model_dump(mode="json")
    body = flow.canonical(entry)
    digest = flow.chained(previous, body)
    await connection.execute(INSERT_ENTRY, ticket, position, UUID(entry["id"]), entry["name"], body, previous, digest)


app = AsgiFastStream(broker, lifespan=database.lifespan, logger=None, asgi_routes=[("/reports", post_report)])
