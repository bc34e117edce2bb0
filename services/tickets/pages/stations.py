"""The way of a report as a relay line: one station per office, in the order in which the baton came by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.tickets.custody.case import ANSWERED


class Mark(StrEnum):
    """What a station is drawn as."""

    HOLDER = "holder"
    #: It held the report once.
    PASSED = "passed"
    OFFERED = "offered"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    #: A coordinator who has not decided yet, and one who has, or need not any more.
    CONVENED = "convened"
    DECIDED = "decided"
    #: An outside agency that was asked, and one that has answered for good.
    ASKED = "asked"
    ANSWERED = "answered"
    #: It is the reporter's turn; they confirmed or objected; they said nothing until it closed.
    REPORTER = "reporter"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Something that was said at a station. Names are those of offices, never of persons."""

    what: str
    time: datetime
    to: str | None = None
    #: The standard sentence of the reason, by language.
    sentence: Mapping[str, str] | None = None
    #: The office's own words.
    words: str | None = None
    until: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One office of the line, or the reporter.

    Attributes:
        office: its code; None: the reporter.
        since: when the report, or the question, came to it.
        until: when it was passed on or answered; None: not yet.
        bound: a coordinator's assignment gave it the report.
        between: of a coordinator: the offices it decides between.
    """

    mark: Mark
    office: str | None
    name: str | None
    since: datetime
    until: datetime | None = None
    said: tuple[Word, ...] = ()
    bound: bool = False
    between: tuple[str, ...] = ()


def stations(history: Iterable[Mapping[str, Any]], front_desk: tuple[str, str]) -> tuple[Station, ...]:
    """The line of a report's history (:func:`services.tickets.history.history`), oldest first.

    ``front_desk`` is the code and name of the office that holds every report first.
    """
    line = _Line(*front_desk)
    for step in history:
        line.take(step)
    return tuple(line.stations)


class _Line:
    """A line being drawn: what each step changes on it."""

    def __init__(self, front_desk: str, name: str) -> None:
        self._front_desk = {"office": front_desk, "office_name": name}
        self.stations: list[Station] = []

    def take(self, step: Mapping[str, Any]) -> None:
        time = datetime.fromisoformat(step["time"])
        match step["what"]:
            case "ticket.opened":
                self._arrive(self._front_desk, "office", time)
            case "handoff.requested" | "ticket.paused" | "ticket.resolved":
                self._say(self._at(Mark.HOLDER), step, time)
                if step["what"] == "ticket.resolved":
                    self._add(Mark.REPORTER, None, None, time)
            case "handoff.offered":
                self._add(Mark.OFFERED, step["to"], step["to_name"], time)
            case "handoff.accepted":
                self._accept(step, time)
            case "handoff.refused":
                self._end(Mark.OFFERED, Mark.REFUSED, step, time)
            case "handoff.lapsed":
                self._end(Mark.OFFERED, Mark.LAPSED, step, time)
            case "handoff.withdrawn":
                if self._at(Mark.OFFERED) is None:
                    self._say(self._at(Mark.HOLDER), step, time)
                self._end(Mark.OFFERED, Mark.WITHDRAWN, step, time)
            case "ticket.convened":
                self._convene(step, time)
            case "ticket.assigned":
                self._assign(step, time)
            case "referral.opened":
                self._add(Mark.ASKED, step["to"], step["to_name"], time)
            case "referral.answered":
                self._answered(step, time)
            case "ticket.reopened":
                self._end(Mark.REPORTER, Mark.OBJECTED, step, time)
            case "ticket.closed":
                self._close(step, time)

    def _arrive(self, step: Mapping[str, Any], field: str, time: datetime, bound: bool = False) -> None:
        """The baton comes to an office; whoever had it has passed it on."""
        before = self._at(Mark.HOLDER)
        if before is not None:
            self.stations[before] = replace(self.stations[before], mark=Mark.PASSED, until=time)
        office, name = step[field], step[f"{field}_name"]
        self.stations.append(Station(mark=Mark.HOLDER, office=office, name=name, since=time, bound=bound))

    def _accept(self, step: Mapping[str, Any], time: datetime) -> None:
        asked = self._at(Mark.OFFERED)
        if asked is not None:
            del self.stations[asked]
        self._arrive(step, "office", time)

    def _convene(self, step: Mapping[str, Any], time: datetime) -> None:
        holder = self._at(Mark.HOLDER)
        between = [] if holder is None else [self.stations[holder], *self.stations[holder + 1 :]]
        names = [each.name for each in between if each.mark in (Mark.HOLDER, Mark.REFUSED, Mark.LAPSED) and each.name]
        station = Station(
            mark=Mark.CONVENED,
            office=step["office"],
            name=step["office_name"],
            since=time,
            between=tuple(dict.fromkeys(names)),
        )
        self.stations.append(station)

    def _assign(self, step: Mapping[str, Any], time: datetime) -> None:
        """A coordinator gives it away; one who was not convened appears with it."""
        self._end(Mark.OFFERED, Mark.WITHDRAWN, step, time, quiet=True)
        at = self._at(Mark.CONVENED)
        if at is not None and self.stations[at].office != step["office"]:
            self.stations[at] = replace(self.stations[at], mark=Mark.DECIDED, until=time)
            at = None
        if at is None:
            self._add(Mark.CONVENED, step["office"], step["office_name"], time)
        self._end(Mark.CONVENED, Mark.DECIDED, step, time)
        self._arrive(step, "to", time, bound=True)

    def _answered(self, step: Mapping[str, Any], time: datetime) -> None:
        asked = [
            at for at, each in enumerate(self.stations) if (each.mark, each.office) == (Mark.ASKED, step["office"])
        ]
        if not asked:
            return
        self._say(asked[-1], step, time)
        if step["outcome"] in ANSWERED:
            self.stations[asked[-1]] = replace(self.stations[asked[-1]], mark=Mark.ANSWERED, until=time)

    def _close(self, step: Mapping[str, Any], time: datetime) -> None:
        mark = Mark.SILENT if step["how"] == "silence" else Mark.CONFIRMED
        self._end(Mark.REPORTER, mark, step, time)
        holder = self._at(Mark.HOLDER)
        if holder is not None:
            self.stations[holder] = replace(self.stations[holder], mark=Mark.PASSED, until=time)

    def _add(self, mark: Mark, office: str | None, name: str | None, time: datetime) -> None:
        self.stations.append(Station(mark=mark, office=office, name=name, since=time))

    def _end(self, mark: Mark, then: Mark, step: Mapping[str, Any], time: datetime, quiet: bool = False) -> None:
        """What was under way at the last station of a kind has come to this."""
        at = self._at(mark)
        if at is None:
            return
        self.stations[at] = replace(self.stations[at], mark=then, until=time)
        if not quiet:
            self._say(at, step, time)

    def _say(self, at: int | None, step: Mapping[str, Any], time: datetime) -> None:
        if at is None:
            return
        word = word_of(step, time)
        self.stations[at] = replace(self.stations[at], said=(*self.stations[at].said, word))

    def _at(self, mark: Mark) -> int | None:
        """Where the last station of a kind is."""
        return next((at for at in reversed(range(len(self.stations))) if self.stations[at].mark is mark), None)


def word_of(step: Mapping[str, Any], time: datetime) -> Word:
    """What an office said with a step of the report's history."""
    return Word(
        what=step["what"],
        time=time,
        to=step["to_name"],
        sentence=step["sentence"],
        words=step["words"],
        until=datetime.fromisoformat(step["until"]) if step["until"] else None,
        outcome=step["outcome"],
    )
