"""What waits for a coordinator: the reports, and between which offices each stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from estafet.events import made_at
from estafet.relay.among import among
from services.tickets.custody.case import Case
from services.tickets.tables import chain, handoffs, tickets

#: States of a handoff whose receiver has spoken, or should have.
_ASKED = ("refused", "lapsed", "blocked")


@dataclass(frozen=True, slots=True)
class Why:
    """Why a report came before its coordinator.

    Attributes:
        involved: the offices that routing, or the one that returned it, named.
        because: the reasons, each with its ``rule`` and a sentence in both languages.
    """

    since: datetime
    involved: tuple[str, ...]
    because: tuple[Mapping[str, str], ...]

    @property
    def returned(self) -> bool:
        """A bound office brought it back with what is new."""
        return any(each["rule"] == "returned" for each in self.because)


def convened(connection: Connection, coordinator: str | None, limit: int) -> Sequence[RowMapping]:
    """What waits for one coordinator, or, with None, for any: what was held longest first."""
    wanted = select(tickets).where(tickets.c.coordinator.is_not(None), tickets.c.status == "convened")
    if coordinator is not None:
        wanted = wanted.where(tickets.c.coordinator == coordinator)
    ordered = wanted.order_by(tickets.c.held_since, tickets.c.code).limit(limit)
    return connection.execute(ordered).mappings().all()


def count_convened(connection: Connection, coordinator: str | None) -> int:
    wanted = select(func.count()).where(tickets.c.coordinator.is_not(None), tickets.c.status == "convened")
    if coordinator is not None:
        wanted = wanted.where(tickets.c.coordinator == coordinator)
    return connection.execute(wanted).scalar_one()


def since(row: Mapping[Any, Any]) -> datetime:
    """When the coordinator was convened: the message that says so has it in its id."""
    moment: datetime = made_at(row["convened_message"] or "") or row["held_since"]
    return moment


def between(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> dict[str, tuple[str, ...]]:
    """Of each report the holder, and the offices that were asked since it has it, or named."""
    found = {row["code"]: [row["holder"]] for row in rows}
    columns = (handoffs.c.code, handoffs.c.receiver, handoffs.c.right_office)
    wanted = select(*columns).where(among(handoffs.c.code, "codes"), handoffs.c.state.in_(_ASKED))
    for code, *offices in connection.execute(wanted.order_by(handoffs.c.id), {"codes": list(found)}):
        found[code] += filter(None, offices)
    return {code: tuple(dict.fromkeys(offices)) for code, offices in found.items()}


def why(connection: Connection, case: Case) -> Why | None:
    """Why a report waits for its coordinator; None: it does not."""
    if case.status != "convened":
        return None
    wanted = select(chain.c.body, chain.c.time).where(chain.c.code == case.code, chain.c.id == case.convened_message)
    row = connection.execute(wanted).one()
    data = json.loads(row.body)["data"]
    return Why(datetime.fromisoformat(row.time), tuple(data["involved"]), tuple(data["because"]))
