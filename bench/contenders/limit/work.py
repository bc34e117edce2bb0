"""What the stages of the limit write: one statement a table and a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from bench.contenders import flow
from bench.contenders.limit.stage import Messages, Publications

_TICKETS = """
    insert into tickets (code, reference, category, text, reporter, state, created_at, updated_at)
    select *, 'open', now(), now() from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[])
"""
_CHAIN = """
    insert into chain (ticket, position, message_id, name, body, previous, hash, created_at)
    select *, now() from unnest(%s::text[], %s::int[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
"""
_LOCKED = """
    select code, reference, position, hash from tickets
    cross join lateral (select position, hash from chain where ticket = code order by position desc limit 1) head
    where code = any(%s) order by code for update of tickets
"""
_OFFERED = """
    update tickets set state = 'offered', office = new.office, deadline = new.deadline, updated_at = now()
    from unnest(%s::text[], %s::text[], %s::timestamptz[]) as new (code, office, deadline)
    where tickets.code = new.code
"""
_OFFERS = """
    insert into offers (id, ticket, office, deadline, created_at)
    select *, now() from unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[])
"""
_DECISIONS = """
    insert into decisions (id, ticket, category, office, deadline, created_at)
    select *, now() from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
"""
_NOTIFICATIONS = """
    insert into notifications (id, ticket, reference, recipient, template, created_at)
    select *, now() from unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
"""


def submit(database: psycopg.Connection, reports: Messages) -> Publications:
    opened, tickets, entries = [], [], []
    for report in reports:
        data, code = report["data"], flow.new_code()
        tickets.append((code, data["reference"], data["category"], data["text"], Jsonb(data["reporter"])))
        following = {"ticket": code, "reference": data["reference"], "category": data["category"]}
        message = flow.new_message("ticket.opened", following, report["id"], report["id"])
        entries.append(_entry(code, message, 1, flow.NOTHING_BEFORE))
        opened.append(_published(entries[-1]))
    _write(database, _TICKETS, tickets)
    _write(database, _CHAIN, entries)
    return opened


def offer(database: psycopg.Connection, decisions: Messages) -> Publications:
    offered, offers, entries = [], [], []
    codes = [each["data"]["ticket"] for each in decisions]
    heads = {code: head for code, *head in database.execute(_LOCKED, (codes,), prepare=True).fetchall()}
    for decision in decisions:
        chosen = decision["data"]
        code = chosen["ticket"]
        reference, position, head = heads[code]
        offers.append((uuid7(), code, chosen["office"], datetime.fromisoformat(chosen["deadline"])))
        following = {**chosen, "reference": reference}
        message = flow.new_message("handoff.offered", following, decision["correlationid"], decision["id"])
        entries.append(_entry(code, message, position + 1, head))
        offered.append(_published(entries[-1]))
    _write(database, _OFFERED, [each[1:] for each in offers])
    _write(database, _OFFERS, offers)
    _write(database, _CHAIN, entries)
    return offered


def decide(database: psycopg.Connection, opened: Messages) -> Publications:
    routed, decisions = [], []
    for each in opened:
        code, category = each["data"]["ticket"], each["data"]["category"]
        office, deadline = flow.receiver(category)
        decisions.append((uuid7(), code, category, office, deadline))
        following = {"ticket": code, "office": office, "deadline": deadline.isoformat()}
        message = flow.new_message("handoff.routed", following, each["correlationid"], each["id"])
        routed.append((message["name"], flow.canonical(message)))
    _write(database, _DECISIONS, decisions)
    return routed


def tell(database: psycopg.Connection, offered: Messages) -> Publications:
    told = [
        (uuid7(), data["ticket"], data["reference"], data["office"], flow.TEMPLATE)
        for data in (each["data"] for each in offered)
    ]
    _write(database, _NOTIFICATIONS, told)
    return ()


def _entry(ticket: str, message: Mapping[str, Any], position: int, previous: str) -> tuple[Any, ...]:
    body = flow.canonical(message)
    return ticket, position, UUID(message["id"]), message["name"], body, previous, flow.chained(previous, body)


def _published(entry: tuple[Any, ...]) -> tuple[str, str]:
    """What goes into the chain is what is published: its name and body."""
    return entry[3], entry[4]


def _write(database: psycopg.Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """One array a column."""
    database.execute(statement.encode(), [list(column) for column in zip(*rows, strict=True)], prepare=True)
