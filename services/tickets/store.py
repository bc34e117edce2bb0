"""The store: cases read and locked, changed by an outcome, and kept with their events and their chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping, insert, select

from estafet.events import Event, encode
from estafet.relay.among import among
from estafet.relay.upserting import upserting
from estafet.relay.work import Work
from services.tickets import figures, rows
from services.tickets.chain import Head
from services.tickets.custody.case import Case, Handoff, Holding, Outcome, Referral, Said
from services.tickets.recording import Message, Recorder
from services.tickets.tables import handoffs, holdings, proposals, referrals, tickets


@dataclass(frozen=True, slots=True)
class Found:
    """A report as it is kept: its case, and the whole of its row, where more stands than any rule knows of."""

    case: Case
    row: Mapping[Any, Any]


@dataclass(slots=True)
class _Known:
    """A report in hand: its case, the whole of its row, the end of its chain, and the statement that keeps the row."""

    case: Case
    row: dict[str, Any]
    recorder: Recorder
    keep: Insert


class Cases:
    """The cases of one unit of work: locked, read and written once, however many events are about them."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[str, _Known] = {}
        self._holdings: dict[str, Mapping[Any, Any] | None] = {}
        self._keep_handoff = upserting(work.connection, handoffs, once=["code", "began_at"])
        self._keep_referral = upserting(work.connection, referrals)
        self._keep_holding = upserting(work.connection, holdings)
        self._update = upserting(work.connection, tickets)

    @staticmethod
    def of(work: Work) -> Cases:
        return work.once(Cases, lambda: Cases(work))

    def lock(self, codes: Iterable[str]) -> None:
        """Read and lock these reports in one statement, in order, so that two batches cannot wait in a circle."""
        wanted = sorted(set(codes) - self._known.keys())
        if not wanted:
            return
        connection = self._work.connection
        for found in _read(connection, connection.execute(_LOCK, {"codes": wanted}).mappings().all()):
            case, row = found.case, {str(name): value for name, value in found.row.items()}
            head = Head(row["chain_length"], row["chain_head"])
            self._known[case.code] = _Known(case, row, Recorder(case.code, head), self._update)

    def get(self, code: str) -> Case | None:
        """A report, locked; None when there is none with this code."""
        found = self.find(code)
        return found.case if found else None

    def find(self, code: str) -> Found | None:
        """The same with its row."""
        self.lock([code])
        known = self._known.get(code)
        return Found(known.case, known.row) if known else None

    def open(self, outcome: Outcome, columns: dict[str, Any]) -> tuple[Event, ...]:
        """A new report. ``columns`` are those of its row that no rule knows of."""
        case, head = outcome.case, Head()
        row = {**rows.case_row(case), **columns, "chain_length": head.position, "chain_head": head.hash}
        self._known[case.code] = _Known(case, row, Recorder(case.code, head), _OPEN)
        self._holdings[case.code] = None
        self._work.later(_OPEN, case.code, row)
        return self.save(outcome)

    def save(self, outcome: Outcome, columns: Mapping[str, Any] | None = None) -> tuple[Event, ...]:
        """Keep what an outcome changed, emit what it says, and put that into the chain; answers the events.

        ``columns`` are those of the report's row that no rule knows of.
        """
        self._known[outcome.case.code].row |= columns or {}
        events = tuple(_emit(self._work, outcome.case, said) for said in outcome.said)
        self._write(outcome, [Message(each, encode(each).decode()) for each in events])
        return events

    def save_with_cause(self, outcome: Outcome) -> None:
        """The same for a message: it comes before its effects in the chain, even when it has none."""
        work = self._work
        assert work.cause is not None
        assert work.delivery is not None
        cause = Message(work.cause, work.delivery.body.decode(), outcome.superseded)
        events = [_emit(work, outcome.case, said) for said in outcome.said]
        self._write(outcome, [cause, *(Message(each, encode(each).decode()) for each in events)])

    def record(self, code: str, event: Event) -> None:
        """Put an event of ours that changes nothing into the chain."""
        self._keep(self._known[code].case, [Message(event, encode(event).decode())])

    def _write(self, outcome: Outcome, messages: Sequence[Message]) -> None:
        work, code = self._work, outcome.case.code
        known = self._known[code]
        figures.observe(work, known.case, outcome, known.row["opened_at"])
        if outcome.said:
            known.row["updated_at"] = work.now
        self._keep(outcome.case, messages)
        for handoff in outcome.handoffs:
            row = {"code": code, "began_at": work.now, **rows.handoff_row(handoff)}
            work.later(self._keep_handoff, handoff.id, row)
        for referral in outcome.referrals:
            work.later(self._keep_referral, referral.id, {"code": code, **rows.referral_row(referral)})
        if outcome.holding:
            self._begin_holding(code, outcome.holding)
        for said in outcome.said:
            if said.name == "ticket.assigned":
                _propose(work, code, said)

    def _keep(self, case: Case, messages: Sequence[Message]) -> None:
        """The report's row, as its case says and with the new end of its chain."""
        known = self._known[case.code]
        head = known.recorder.append(messages, self._work)
        if case == known.case and not messages:
            return
        if case != known.case:
            known.row |= rows.case_row(case)
            if case.status == "closed" and known.case.status != "closed":
                known.row["closed_at"] = self._work.now
            if case.resolved_message != known.case.resolved_message:
                known.row["resolved_at"] = self._work.now if case.resolved_message else None
        known.row |= {"chain_length": head.position, "chain_head": head.hash}
        known.case = case
        self._work.later(known.keep, case.code, known.row)

    def _begin_holding(self, code: str, holding: Holding) -> None:
        last = self._last_holding(code)
        if last:
            self._work.later(self._keep_holding, (code, last["number"]), {**last, "until": holding.since})
        began = {"office": holding.office, "since": holding.since, "how": holding.how, "message": holding.message}
        row = {"code": code, "number": last["number"] + 1 if last else 1, "until": None, **began}
        self._work.later(self._keep_holding, (code, row["number"]), row)
        self._holdings[code] = row

    def _last_holding(self, code: str) -> Mapping[Any, Any] | None:
        """The stretch of custody that has not ended. The first time, those of all the reports in hand are read."""
        if code not in self._holdings:
            unread = self._known.keys() - self._holdings.keys()
            self._holdings |= dict.fromkeys(unread)
            for row in self._work.connection.execute(_GOING_ON, {"codes": sorted(unread)}).mappings():
                self._holdings[row["code"]] = row
        return self._holdings[code]


# Built once: SQLAlchemy takes longer to build a statement than the database to run it.
_OPEN = insert(tickets)
_PROPOSE = insert(proposals)
_READ = select(tickets).where(among(tickets.c.code, "codes")).order_by(tickets.c.code)
_LOCK = _READ.with_for_update()
_GOING_ON = select(holdings).where(among(holdings.c.code, "codes"), holdings.c.until.is_(None))
_UNDER_WAY = select(handoffs).where(among(handoffs.c.id, "ids"))
_ASKED = select(referrals).where(among(referrals.c.code, "codes")).order_by(referrals.c.id)


def read(connection: Connection, code: str) -> Found | None:
    """A report to look at; None when there is none with this code."""
    found = connection.execute(_READ, {"codes": [code]}).mappings().all()
    return next(iter(_read(connection, found)), None)


def _read(connection: Connection, found: Sequence[RowMapping]) -> list[Found]:
    pending = [row["pending"] for row in found if row["pending"]]
    under_way: dict[str, Handoff] = {}
    asked: dict[str, list[Referral]] = {}
    if pending:
        for row in connection.execute(_UNDER_WAY, {"ids": pending}).mappings():
            under_way[row["id"]] = rows.handoff_of(row)
    if found:
        codes = [row["code"] for row in found]
        for row in connection.execute(_ASKED, {"codes": codes}).mappings():
            asked.setdefault(row["code"], []).append(rows.referral_of(row))
    return [Found(rows.case_of(row, under_way.get(row["pending"]), asked.get(row["code"], ())), row) for row in found]


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


def _propose(work: Work, code: str, said: Said) -> None:
    rule = said.data["proposal"]
    who = {"coordinator": said.data["coordinator"], "reason": said.data["reason"]}
    work.later(_PROPOSE, said.id, {"id": said.id, "code": code, "at": work.now, **rule, **who})
