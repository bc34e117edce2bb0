"""The idiom of nameko-examples (``orders/service.py``): a session, an event dispatcher, commit, then dispatch.

As there: no outbox and no inbox. https://github.com/nameko/nameko-examples, https://nameko.readthedocs.io
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kombu.entity import Exchange, Queue
from marshmallow import ValidationError
from nameko.events import EventDispatcher, event_handler
from nameko.messaging import consume
from nameko.web.handlers import http
from sqlalchemy import select
from uuid_utils.compat import uuid7
from werkzeug import Request, Response

from bench.contenders import flow
from bench.contenders.naive.database import DatabaseSession
from bench.contenders.naive.models import ChainEntry, Decision, Notification, Offer, Ticket
from bench.contenders.naive.schemas import (
    HandoffOfferedSchema,
    HandoffRoutedSchema,
    ReportSchema,
    SubmissionSchema,
    TicketOpenedSchema,
)

REPORTS = Queue(
    "tickets.reports",
    Exchange("intake.events", type="topic", durable=True),
    "report.submitted",
    queue_arguments={"x-queue-type": "quorum"},
)
# A schema is made once: to make one takes longer than to check a message.
report_schema, submission_schema = ReportSchema(), SubmissionSchema()
opened_schema, routed_schema, offered_schema = TicketOpenedSchema(), HandoffRoutedSchema(), HandoffOfferedSchema()


class TicketsService:
    name = "tickets"

    db: Any = DatabaseSession()
    dispatch: Any = EventDispatcher()

    @consume(REPORTS)
    def submit(self, payload: Mapping[str, Any]) -> None:
        report = report_schema.load(payload)
        self._open(report["data"], report["id"])

    @http("POST", "/reports", expected_exceptions=(ValidationError, ValueError))
    def post_report(self, request: Request) -> Response:
        submission = submission_schema.loads(request.get_data(as_text=True))
        code = self._open(submission, str(uuid7()))
        return Response(json.dumps({"code": code}), status=201, mimetype="application/json")

    @event_handler("routing", "handoff.routed")
    def offer(self, payload: Mapping[str, Any]) -> None:
        decision = routed_schema.load(payload)
        chosen = decision["data"]
        ticket = self.db.get_one(Ticket, chosen["ticket"], with_for_update=True)
        entries = select(ChainEntry).filter_by(ticket_code=ticket.code).order_by(ChainEntry.position.desc()).limit(1)
        head = self.db.scalars(entries).one()
        data = {
            "ticket": ticket.code,
            "reference": ticket.reference,
            "office": chosen["office"],
            "deadline": chosen["deadline"].isoformat(),
        }
        offered = flow.new_message("handoff.offered", data, decision["correlationid"], str(decision["id"]))
        ticket.state, ticket.office, ticket.deadline = "offered", chosen["office"], chosen["deadline"]
        self.db.add(Offer(ticket=ticket, office=chosen["office"], deadline=chosen["deadline"]))
        self._append(ticket, offered, head)
        self.db.commit()
        self.dispatch("handoff.offered", offered)

    def _open(self, submission: Mapping[str, Any], report_id: str) -> str:
        ticket = Ticket(code=flow.new_code(), **submission)
        data = {"ticket": ticket.code, "reference": ticket.reference, "category": ticket.category}
        opened = flow.new_message("ticket.opened", data, report_id, report_id)
        self.db.add(ticket)
        self._append(ticket, opened)
        self.db.commit()
        self.dispatch("ticket.opened", opened)
        return ticket.code

    def _append(self, ticket: Ticket, message: Mapping[str, Any], head: ChainEntry | None = None) -> None:
        body = flow.canonical(message)
        previous, position = (head.hash, head.position) if head else (flow.NOTHING_BEFORE, 0)
        self.db.add(
            ChainEntry(
                ticket=ticket,
                position=position + 1,
                message_id=UUID(message["id"]),
                name=message["name"],
                body=body,
                previous=previous,
                hash=flow.chained(previous, body),
            )
        )


class RoutingService:
    name = "routing"

    db: Any = DatabaseSession()
    dispatch: Any = EventDispatcher()

    @event_handler("tickets", "ticket.opened")
    def decide(self, payload: Mapping[str, Any]) -> None:
        opened = opened_schema.load(payload)
        ticket, category = opened["data"]["ticket"], opened["data"]["category"]
        office, deadline = flow.receiver(category)
        self.db.add(Decision(ticket=ticket, category=category, office=office, deadline=deadline))
        self.db.commit()
        data = {"ticket": ticket, "office": office, "deadline": deadline.isoformat()}
        routed = flow.new_message("handoff.routed", data, opened["correlationid"], str(opened["id"]))
        self.dispatch("handoff.routed", routed)


class NotifyService:
    name = "notify"

    db: Any = DatabaseSession()

    @event_handler("tickets", "handoff.offered")
    def tell(self, payload: Mapping[str, Any]) -> None:
        offered = offered_schema.load(payload)["data"]
        self.db.add(
            Notification(
                ticket=offered["ticket"],
                reference=offered["reference"],
                recipient=offered["office"],
                template=flow.TEMPLATE,
            )
        )
        self.db.commit()
