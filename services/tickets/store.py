"""The store: cases read and locked, changed by an outcome, and kept with their events and their chain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from estafet.events import Event, encode
from estafet.relay.work import Work
from services.tickets import rows
from services.tickets.case import Case, Handoff, Holding, Outcome, Referral, Said
from services.tickets.chain import Head
from services.tickets.recording import Recorder
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
        self._connection.execute(insert(tickets).values(**row))
        self._keep(outcome.case, head)
        return self.save(work, outcome)

    def save(self, work: Work, outcome: Outcome) -> tuple[Event, ...]:
        """Keep what an outcome changed, emit what it says, and put both into the chain; answers the events."""
        case = outcome.case
        if case != self._cases[case.code]:
            changing = update(tickets).where(tickets.c.code == case.code)
            self._connection.execute(changing.values(**rows.case_row(case)))
            self._cases[case.code] = case
        self._write_parts(work, outcome)
        events = tuple(_emit(work, case, said) for said in outcome.said)
        self.record(case.code, *events)
        return events

    def record(self, code: str, *events: Event) -> None:
        """Put events of our own into the chain."""
        self._recorders[code].append(*((each, encode(each).decode()) for each in events))

    def record_cause(self, code: str, work: Work, superseded: bool = False) -> None:
        """Put the event being handled into the chain, as it came."""
        assert work.cause is not None
        assert work.delivery is not None
        self._recorders[code].append((work.cause, work.delivery.body.decode()), superseded=superseded)

    def _keep(self, case: Case, head: Head) -> None:
        self._cases[case.code] = case
        self._recorders[case.code] = Recorder(self._connection, case.code, head)

    def _write_parts(self, work: Work, outcome: Outcome) -> None:
        code = outcome.case.code
        for handoff in outcome.handoffs:
            _upsert(self._connection, handoffs, {"code": code, "began_at": work.now, **rows.handoff_row(handoff)})
        for referral in outcome.referrals:
            _upsert(self._connection, referrals, {"code": code, **rows.referral_row(referral)})
        if outcome.holding:
            _begin_holding(self._connection, code, outcome.holding)
        for said in outcome.said:
            if said.name == "ticket.assigned":
                _propose(self._connection, code, said, work)


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
    of_ticket = holdings.c.code == code
    last = connection.execute(select(func.max(holdings.c.number)).where(of_ticket)).scalar_one() or 0
    connection.execute(update(holdings).where(of_ticket, holdings.c.number == last).values(until=holding.since))
    row = {"office": holding.office, "since": holding.since, "how": holding.how, "message": holding.message}
    connection.execute(insert(holdings).values(code=code, number=last + 1, **row))


def _propose(connection: Connection, code: str, said: Said, work: Work) -> None:
    rule = said.data["proposal"]
    who = {"coordinator": said.data["coordinator"], "reason": said.data["reason"]}
    connection.execute(insert(proposals).values(id=said.id, code=code, at=work.now, **rule, **who))


def _upsert(connection: Connection, table: Any, row: dict[str, Any]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    inserted = dialect.insert(table).values(row)
    kept = ("id", "code", "began_at")
    changes = {name: inserted.excluded[name] for name in row if name not in kept}
    connection.execute(inserted.on_conflict_do_update(index_elements=[table.c.id], set_=changes))
