"""The store: cases read and locked, changed by an outcome, and kept with their events and their chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Insert, RowMapping, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from estafet.events import Event, encode
from estafet.relay.work import Work
from services.tickets import rows
from services.tickets.case import Case, Handoff, Holding, Outcome, Referral, Said
from services.tickets.chain import Head
from services.tickets.recording import Message, Recorder
from services.tickets.tables import handoffs, holdings, proposals, referrals, tickets


class Cases:
    """The cases of one unit of work: locked and read once, whatever number of its events is about them."""

    def __init__(self, work: Work) -> None:
        # Held weakly by `of`: a strong reference from here would keep the work alive for ever.
        self._connection = work.connection
        self._cases: dict[str, Case] = {}
        self._recorders: dict[str, Recorder] = {}

    @staticmethod
    def of(work: Work) -> Cases:
        return _of_work.setdefault(work, Cases(work))

    def lock(self, codes: Iterable[str]) -> None:
        """Read and lock these reports in one statement, in order, so that two batches cannot wait in a circle."""
        wanted = sorted(set(codes) - self._cases.keys())
        if not wanted:
            return
        locking = select(tickets).where(tickets.c.code.in_(wanted)).order_by(tickets.c.code).with_for_update()
        for row, case in _read(self._connection, self._connection.execute(locking).mappings().all()):
            self._keep(case, Head(row["chain_length"], row["chain_head"]))

    def get(self, code: str) -> Case | None:
        """A report, locked; None when there is none with this code."""
        self.lock([code])
        return self._cases.get(code)

    def open(self, work: Work, outcome: Outcome, columns: dict[str, Any]) -> tuple[Event, ...]:
        """A new report. ``columns`` are those of its row that no rule knows of."""
        head = Head()
        row = {**rows.case_row(outcome.case), **columns, "chain_length": head.position, "chain_head": head.hash}
        self._connection.execute(_OPEN, row)
        self._keep(outcome.case, head)
        return self.save(work, outcome)

    def save(self, work: Work, outcome: Outcome) -> tuple[Event, ...]:
        """Keep what an outcome changed, emit what it says, and put that into the chain; answers the events."""
        events = tuple(_emit(work, outcome.case, said) for said in outcome.said)
        self._write(work, outcome, [Message(each, encode(each).decode()) for each in events])
        return events

    def save_with_cause(self, work: Work, outcome: Outcome) -> None:
        """The same for a message: it comes before its effects in the chain, even when it has none."""
        assert work.cause is not None
        assert work.delivery is not None
        cause = Message(work.cause, work.delivery.body.decode(), outcome.superseded)
        events = [_emit(work, outcome.case, said) for said in outcome.said]
        self._write(work, outcome, [cause, *(Message(each, encode(each).decode()) for each in events)])

    def record(self, code: str, event: Event) -> None:
        """Put an event of ours that changes nothing into the chain."""
        self._update(self._cases[code], [Message(event, encode(event).decode())])

    def _keep(self, case: Case, head: Head) -> None:
        self._cases[case.code] = case
        self._recorders[case.code] = Recorder(self._connection, case.code, head)

    def _write(self, work: Work, outcome: Outcome, messages: Sequence[Message]) -> None:
        code = outcome.case.code
        self._update(outcome.case, messages)
        if outcome.handoffs:
            begun = {"code": code, "began_at": work.now}
            _upsert(self._connection, handoffs, [begun | rows.handoff_row(each) for each in outcome.handoffs])
        if outcome.referrals:
            of = {"code": code}
            _upsert(self._connection, referrals, [of | rows.referral_row(each) for each in outcome.referrals])
        if outcome.holding:
            _begin_holding(self._connection, code, outcome.holding)
        for said in outcome.said:
            if said.name == "ticket.assigned":
                _propose(self._connection, code, said, work)

    def _update(self, case: Case, messages: Sequence[Message]) -> None:
        """The report's row, once: as its case says, and with the new end of its chain."""
        changes = rows.case_row(case) if case != self._cases[case.code] else {}
        head = self._recorders[case.code].append(messages)
        if messages:
            changes |= {"chain_length": head.position, "chain_head": head.hash}
        if changes:
            self._connection.execute(_UPDATE, {"of": case.code, **changes})
        self._cases[case.code] = case


# Built once: SQLAlchemy takes longer to build a statement than the database to run it.
_OPEN = insert(tickets)
_UPDATE = update(tickets).where(tickets.c.code == bindparam("of"))
_LAST_HOLDING = select(func.max(holdings.c.number)).where(holdings.c.code == bindparam("of"))
_END_HOLDING = update(holdings).where(holdings.c.code == bindparam("of"), holdings.c.until.is_(None))
_BEGIN_HOLDING = insert(holdings)
_PROPOSE = insert(proposals)

_of_work: WeakKeyDictionary[Work, Cases] = WeakKeyDictionary()


def read(connection: Connection, code: str) -> tuple[RowMapping, Case] | None:
    """A report to look at: its row and its case."""
    found = connection.execute(select(tickets).where(tickets.c.code == code)).mappings().all()
    return next(iter(_read(connection, found)), None)


def _read(connection: Connection, found: Sequence[RowMapping]) -> list[tuple[RowMapping, Case]]:
    pending = [row["pending"] for row in found if row["pending"]]
    under_way: dict[str, Handoff] = {}
    asked: dict[str, list[Referral]] = {}
    if pending:
        for row in connection.execute(select(handoffs).where(handoffs.c.id.in_(pending))).mappings():
            under_way[row["id"]] = rows.handoff_of(row)
    if found:
        codes = [row["code"] for row in found]
        wanted = select(referrals).where(referrals.c.code.in_(codes)).order_by(referrals.c.id)
        for row in connection.execute(wanted).mappings():
            asked.setdefault(row["code"], []).append(rows.referral_of(row))
    return [(row, rows.case_of(row, under_way.get(row["pending"]), asked.get(row["code"], ()))) for row in found]


def _emit(work: Work, case: Case, said: Said) -> Event:
    return work.emit(
        said.name,
        said.data,
        subject=case.code,
        subjectversion=said.version,
        correlationid=case.correlation,
        causationid=said.answers,
        confidential=case.confidential,
        id=said.id,
    )


def _begin_holding(connection: Connection, code: str, holding: Holding) -> None:
    last = connection.execute(_LAST_HOLDING, {"of": code}).scalar_one() or 0
    if last:
        connection.execute(_END_HOLDING, {"of": code, "until": holding.since})
    row = {"office": holding.office, "since": holding.since, "how": holding.how, "message": holding.message}
    connection.execute(_BEGIN_HOLDING, {"code": code, "number": last + 1, "until": None, **row})


def _propose(connection: Connection, code: str, said: Said, work: Work) -> None:
    rule = said.data["proposal"]
    who = {"coordinator": said.data["coordinator"], "reason": said.data["reason"]}
    connection.execute(_PROPOSE, {"id": said.id, "code": code, "at": work.now, **rule, **who})


def _upsert(connection: Connection, table: Table, values: list[dict[str, Any]]) -> None:
    connection.execute(_upserting(table, connection.dialect.name), values)


@cache
def _upserting(table: Table, dialect: str) -> Insert:
    inserted = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    kept = ("id", "code", "began_at")
    changes = {column.name: inserted.excluded[column.name] for column in table.c if column.name not in kept}
    upserting: Insert = inserted.on_conflict_do_update(index_elements=[table.c.id], set_=changes)
    return upserting
