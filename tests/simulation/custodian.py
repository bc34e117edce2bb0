"""The rules of the baton and the chains, held against what the tickets service has stored."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from estafet.events import CONTRACTS, Event, contract, parse
from services.tickets import chain, recording
from services.tickets.chain import Entry, Head
from tests.simulation.people import People
from tests.simulation.perils import Violation
from tests.simulation.world import TOWN, World
from tests.unit.tickets.witness import SYSTEM, Witness

_SCHEMAS = {each.name: each.schema() for each in CONTRACTS}
#: Events of the chain that say nothing of custody.
_BESIDE = ("report.accepted", "referral.packaged")
_ROW = (
    "code, status, version, holder, guardian, offered_to, bound_by, coordinator, "
    "hops, hop_budget, refusals, objections, resolve_by, chain_length, chain_head, pending, seen, named"
)
_NAMES = [name.strip() for name in _ROW.split(",")]
_FIELDS = tuple(each.name for each in fields(Entry))
_ENTRIES = f"select {', '.join(_FIELDS)} from chain where code = ? and position > ? order by position"


@dataclass
class Dossier:
    """What is known of one report, from its chain alone."""

    witness: Witness = field(default_factory=lambda: Witness(TOWN))
    head: Head = field(default_factory=Head)
    ids: Counter[str] = field(default_factory=Counter)
    promised: str | None = None
    row: tuple[Any, ...] = ()


class Custodian:
    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self._database = world.tickets.database
        self.dossiers: dict[str, Dossier] = {}
        self._emitted = self._newest()
        #: What tickets put into chains in this step as its own, and has not yet been found in its outbox.
        self._said: set[str] = set()

    def look(self) -> None:
        """After a step that changed the tickets database."""
        for values in self._database.rows(f"select {_ROW} from tickets"):
            dossier = self.dossiers.setdefault(values[0], Dossier())
            if values == dossier.row:
                continue
            dossier.row = values
            row = dict(zip(_NAMES, values, strict=True))
            self._read_on(dossier, row)
            self._stands_as_told(dossier, row)
            self._held_without_gap(row)
            self._one_offer(row)
        self._said_is_chained()

    def close(self) -> None:
        """When all is quiet: whole chains, nobody waiting for nothing, and routing with the same picture."""
        self.look()
        references = Counter(row[0] for row in self._database.rows("select reference from tickets"))
        for reference in self._people.references:
            if references[reference] != 1:
                raise Violation(f"{reference} was reported once and opened {references[reference]} times")
        with self._database.read() as connection:
            for code in self.dossiers:
                broken = recording.verify(connection, code).broken_at
                if broken is not None:
                    raise Violation(f"the chain of {code} is broken at {broken}")
        for code, dossier in self.dossiers.items():
            if dossier.witness.status == "requested":
                raise Violation(f"{code} stands still between offices")
        self._routing_agrees()
        self._heard_is_chained()

    def _read_on(self, dossier: Dossier, row: dict[str, Any]) -> None:
        """The new entries: sealed to those before, and each one lawful."""
        for values in self._database.rows(_ENTRIES, row["code"], dossier.head.position):
            stored = dict(zip(_FIELDS, values, strict=True))
            entry = Entry(**stored | {"superseded": bool(stored["superseded"])})
            expected = dossier.head.position + 1
            if entry.position != expected or entry.previous != dossier.head.hash or chain.seal(entry) != entry.hash:
                raise Violation(f"the chain of {row['code']} is broken at {expected}")
            dossier.head = chain.head_of(entry)
            dossier.ids[entry.id] += 1
            if dossier.ids[entry.id] > 1:
                raise Violation(f"{entry.name} {entry.id} is in the chain of {row['code']} twice")
            if entry.publisher == "tickets":
                self._said.add(entry.id)
            self._weigh(dossier.witness, entry)
        if (row["chain_length"], row["chain_head"]) != (dossier.head.position, dossier.head.hash):
            raise Violation(f"the chain of {row['code']} ends at {dossier.head.position}, not {row['chain_length']}")

    def _weigh(self, witness: Witness, entry: Entry) -> None:
        event = parse(entry.body.encode())
        if entry.publisher == "tickets" and entry.name not in _BESIDE:
            actor = self._people.actor if self._people.is_acting else SYSTEM
            witness.see(event, _SCHEMAS[entry.name].load(event.data), actor)
        elif entry.publisher == "routing":
            self._weigh_decision(witness, entry, _SCHEMAS[entry.name].load(event.data))
        witness.messages.add(entry.id)

    @staticmethod
    def _weigh_decision(witness: Witness, entry: Entry, data: dict[str, Any]) -> None:
        if entry.name in ("handoff.routed", "handoff.blocked"):
            witness.decided(data["resolve_by"])
        elif entry.name == "deadline.passed" and not entry.superseded and data["clock"] in ("accept", "silence"):
            witness.rang(data["clock"], data["ticket_version"])

    def _stands_as_told(self, dossier: Dossier, row: dict[str, Any]) -> None:
        witness = dossier.witness
        told = {
            "status": witness.status,
            "version": witness.version,
            "holder": witness.holder,
            "guardian": witness.guardian,
            "offered_to": witness.offer,
            "bound_by": witness.bound_by,
            "coordinator": witness.coordinator,
            "hops": witness.hops,
            "refusals": witness.refusals,
            "objections": witness.objections,
        }
        for name, value in told.items():
            if row[name] != value:
                raise Violation(f"{row['code']} stands at {name} {row[name]!r}; its events say {value!r}")
        if not witness.gone <= set(json.loads(row["seen"])):
            raise Violation(f"{row['code']} forgot that it was at {witness.gone - set(json.loads(row['seen']))}")
        if dossier.promised is not None and row["resolve_by"] != dossier.promised:
            raise Violation(
                f"{row['code']}: the citizen's deadline moved from {dossier.promised} to {row['resolve_by']}"
            )
        dossier.promised = row["resolve_by"]

    def _held_without_gap(self, row: dict[str, Any]) -> None:
        query = "select number, office, since, until from holdings where code = ? order by number"
        holdings = self._database.rows(query, row["code"])
        since = holdings[0][2] if holdings else None
        for number, (found, _, begins, _) in enumerate(holdings, start=1):
            if found != number or begins != since:
                raise Violation(f"{row['code']}: a gap before holding {number}")
            since = holdings[number - 1][3]
        now = [office for _, office, _, until in holdings if until is None]
        if now != [row["holder"]]:
            raise Violation(f"{row['code']} has the holders {now}, and its row says {row['holder']}")

    def _one_offer(self, row: dict[str, Any]) -> None:
        query = "select id, state from handoffs where code = ? and state in ('requested', 'offered')"
        under_way = self._database.rows(query, row["code"])
        if len(under_way) > 1:
            raise Violation(f"{row['code']} has {len(under_way)} handoffs under way")
        if under_way and row["pending"] != under_way[0][0]:
            raise Violation(f"{row['code']}: the handoff {under_way[0][0]} was never ended")

    def _newest(self) -> int:
        newest: int = self._database.rows("select coalesce(max(rowid), 0) from outbox")[0][0]
        return newest

    def _said_is_chained(self) -> None:
        """What tickets says of a report is in its chain, in the same transaction; what is private is not."""
        rows = self._database.rows("select rowid, id, name, body from outbox where rowid > ?", self._emitted)
        for rowid, id, name, body in rows:
            self._emitted = rowid
            self._said.discard(id)
            code = json.loads(body).get("subject")
            if code is None:
                continue
            wanted = 0 if contract(name).private and name != "referral.packaged" else 1
            if self.dossiers[code].ids[id] != wanted:
                raise Violation(f"{name} {id} is {self.dossiers[code].ids[id]} times in the chain of {code}")
        if self._said:
            raise Violation(f"the chains hold {sorted(self._said)}, which no outbox has: nobody will hear of it")

    def _heard_is_chained(self) -> None:
        """What others said of a report, and tickets must listen to, is in its chain."""
        for station in (self._world.routing, self._world.notify):
            for id, name, body in station.database.rows("select id, name, body from outbox"):
                event: Event = parse(body)
                if event.subject is None or not any(each.startswith("tickets.") for each in contract(name).listeners):
                    continue
                if self.dossiers[event.subject].ids[id] != 1:
                    raise Violation(f"{name} {id} is not in the chain of {event.subject}")

    def _routing_agrees(self) -> None:
        theirs = {
            code: (version, status, holder)
            for code, version, status, holder in self._world.routing.database.rows(
                "select ticket, version, status, holder from cases"
            )
        }
        for code, dossier in self.dossiers.items():
            ours = tuple(dossier.row[_NAMES.index(name)] for name in ("version", "status", "holder"))
            if theirs.get(code) != ours:
                raise Violation(f"{code} is {ours} to tickets and {theirs.get(code)} to routing")
