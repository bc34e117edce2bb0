"""The cases of one unit of work: read and written once, with their clocks, however many events are about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from estafet.relay.upserting import upserting
from estafet.relay.work import Work
from services.routing import caseform, store
from services.routing.case import Case
from services.routing.city.in_force import InForce
from services.routing.clocks import Clock, clocks


class Cases:
    """Cases in memory. Their clocks are worked out at the end, from each case as the last event left it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[str, Case | None] = {}
        #: Those that were there before: others have no clocks.
        self._stored: set[str] = set()
        self._changed: dict[str, InForce] = {}
        self._keep_case = upserting(work.connection, store.cases)
        self._set_clock = upserting(work.connection, store.clocks)
        # Its times are not touched: the sweep may be winding it.
        others = set(store.clocks.c.keys()) - {"office", "coordinator"}
        self._go_on = upserting(work.connection, store.clocks, once=others)

    @staticmethod
    def of(work: Work) -> Cases:
        return work.once(Cases, lambda: Cases(work))

    def load(self, tickets: Iterable[str]) -> None:
        """Read these reports in one statement. Whoever calls has locked them."""
        wanted = set(tickets) - self._known.keys()
        if not wanted:
            return
        self._known |= dict.fromkeys(wanted)
        for ticket, document in store.case_documents(self._work.connection, wanted).items():
            self._known[ticket] = caseform.load(document)
            self._stored.add(ticket)

    def find(self, ticket: str) -> Case | None:
        self.load([ticket])
        return self._known[ticket]

    def keep(self, case: Case, known: InForce) -> None:
        """Remember a case; its clocks will be those of the directory ``known``."""
        if not self._changed:
            self._work.at_end(self._write)
        self._known[case.ticket] = case
        self._changed[case.ticket] = known

    def _write(self) -> None:
        changed = [(case, known) for ticket, known in self._changed.items() if (case := self._known[ticket])]
        for case, known in changed:
            self._work.later(self._keep_case, case.ticket, _case_row(case, known.number))
        self._set_clocks([(case, clocks(case, known.directory)) for case, known in changed])
        self._stored |= self._changed.keys()
        self._changed.clear()

    def _set_clocks(self, wanted: Iterable[tuple[Case, list[Clock]]]) -> None:
        """Make these the clocks of the reports. One at the same mark goes on: what it has said is not said again."""
        fresh = {(case.ticket, *clock.key): _clock_row(case, clock) for case, some in wanted for clock in some}
        running = store.running(self._work.connection, self._stored & self._changed.keys())
        for key, row in fresh.items():
            there = running.get(key)
            if there is None or there["mark"] != row["mark"]:
                self._work.later(self._set_clock, key, row)
            elif (there["office"], there["coordinator"]) != (row["office"], row["coordinator"]):
                whose = {"office": row["office"], "coordinator": row["coordinator"]}
                self._work.later(self._go_on, key, {**there, **whose})
        for key in running.keys() - fresh.keys():
            store.stop(self._work, key)


def _case_row(case: Case, directory: int) -> dict[str, Any]:
    latest = case.latest
    return {
        "ticket": case.ticket,
        "version": latest.version,
        "status": latest.status,
        "holder": latest.holder,
        "offered_to": latest.offered_to,
        "directory": directory,
        "document": caseform.dump(case),
    }


def _clock_row(case: Case, clock: Clock) -> dict[str, Any]:
    warns = clock.near is not None and clock.since < clock.near < clock.due
    return {
        "ticket": case.ticket,
        "clock": clock.name,
        "referral": clock.referral or "",
        "mark": clock.mark,
        "version": clock.version,
        "due": clock.due,
        "next_at": clock.near if warns else clock.due,
        "office": clock.office,
        "coordinator": clock.coordinator,
        "handoff": clock.handoff,
        "cause": clock.cause,
        "correlation": case.correlation,
        "confidential": case.confidential,
    }
