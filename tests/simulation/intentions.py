"""What people mean to do with a report as it stands, and what they get wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from estafet.events import new_id
from estafet.events.reasons import reasons_for
from tests.simulation.world import COORDINATORS, OFFICES, TOWN, World
from tests.unit.tickets.witness import above

#: Acts of the reporter alone.
_REPORTERS = ("confirm", "object_to", "consent")
_EVERYTHING = (
    "accept",
    "refuse",
    "withdraw",
    "request_handoff",
    "assign",
    "convene",
    "pause",
    "resolve",
    "confirm",
    "object_to",
    "consent",
    "add_note",
    "refer",
    "answer_referral",
)


@dataclass(frozen=True)
class Standing:
    """How a report stands, as whoever is entitled reads it."""

    code: str
    version: int
    status: str
    holder: str
    offered_to: str | None
    bound_by: str | None
    coordinator: str | None
    pending: str | None


@dataclass(frozen=True)
class Attempt:
    """An act that somebody tries. ``right`` when nothing can stand in its way."""

    name: str
    by: str | None
    body: dict[str, Any] = field(default_factory=dict)
    coordinator: bool = False
    right: bool = False


class Intentions:
    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance

    def sensible(self, at: Standing) -> Attempt:
        """What somebody whose turn it is would do."""
        if self._chance.random() < 0.08:
            return self._beside(at)
        return getattr(self, f"_{at.status}")(at)  # type: ignore[no-any-return]

    def _requested(self, at: Standing) -> Attempt:
        name = self._chance.choice(("withdraw", "add_note", "resolve", "add_note"))
        return Attempt(name, at.holder, self._body(name, at))

    def _offered(self, at: Standing) -> Attempt:
        chosen = self._chance.random()
        if chosen < 0.6:
            return Attempt("accept", at.offered_to, right=True)
        if chosen < 0.9:
            return Attempt("refuse", at.offered_to, self._body("refuse", at))
        name = self._chance.choice(("withdraw", "resolve", "request_handoff"))
        return Attempt(name, at.holder, self._body(name, at))

    def _held(self, at: Standing) -> Attempt:
        chosen = self._chance.random()
        if chosen < 0.05:
            return self._assignment(at)
        likely = ("request_handoff",) * 4 + ("resolve",) * 3 + ("refer", "answer_referral", "pause", "convene")
        name = self._chance.choice(likely)
        return Attempt(name, at.holder, self._body(name, at))

    def _convened(self, at: Standing) -> Attempt:
        return self._assignment(at)

    def _resolved(self, at: Standing) -> Attempt:
        name = self._chance.choice(("confirm", "object_to", "object_to"))
        return Attempt(name, None, self._body(name, at), right=True)

    def _closed(self, at: Standing) -> Attempt:
        return self.anything(at)

    def _assignment(self, at: Standing) -> Attempt:
        decides = at.coordinator or at.bound_by
        ladder = [decides, *above(decides, TOWN.parents)] if decides else above(at.holder, TOWN.parents)
        return Attempt("assign", self._chance.choice(ladder), self._body("assign", at), coordinator=True)

    def _beside(self, at: Standing) -> Attempt:
        name = self._chance.choice(("add_note", "consent"))
        return Attempt(name, None, self._body(name, at), right=at.status != "closed")

    def anything(self, at: Standing) -> Attempt:
        """What anybody might try, whether it is theirs or not."""
        name = self._chance.choice(_EVERYTHING)
        by = None if name in _REPORTERS else self._chance.choice((*OFFICES, at.holder, at.offered_to or "clerk"))
        return Attempt(name, by, self._body(name, at), coordinator=by in COORDINATORS)

    def _body(self, name: str, at: Standing) -> dict[str, Any]:
        chance = self._chance
        office = chance.choice((*TOWN.holders, *TOWN.holders, *OFFICES))
        if name == "request_handoff":
            convene = chance.random() < 0.1
            receiver = None if convene or chance.random() < 0.1 else office
            reason = chance.choice(reasons_for("convene" if convene else "handoff"))
            return {"receiver": receiver, "convene": convene, "reason": reason}
        if name == "refuse":
            return {
                "right_office": chance.choice((office, office, None)),
                "reason": chance.choice(reasons_for("refuse")),
            }
        if name == "assign":
            return {"receiver": office, "reason": "competent-office"}
        if name == "convene":
            return {"reason": "new-facts"}
        if name == "pause":
            until = self._world.clock.time + timedelta(hours=chance.choice((1, 5, 50)))
            return {"reason": "weather", "until": until.isoformat()}
        if name == "resolve":
            return {"reason": "fixed"}
        if name == "object_to":
            return {"words": chance.choice((None, "It is not."))}
        if name == "consent":
            return {"fields": chance.choice(([], ["text"]))}
        if name == "add_note":
            return {"text": "A note.", "public": True}
        if name == "refer":
            return {"agency": chance.choice(("harbour", "harbour", office))}
        if name == "answer_referral":
            known = self._world.tickets.database.rows("select id from referrals where code = ?", at.code)
            id = chance.choice(known)[0] if known else new_id()
            return {"id": id, "outcome": chance.choice(("received", "settled", "declined"))}
        return {}
