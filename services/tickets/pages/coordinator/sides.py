"""What each office said about a report, in order: the sides between which a coordinator decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.tickets.pages.stations import Mark, Word, word_of

#: What of a report's history an office says, or fails to say, of whose it is; and what it is by that.
_SPEAKS = {
    "handoff.requested": None,
    "handoff.refused": Mark.REFUSED,
    "handoff.lapsed": Mark.LAPSED,
    "ticket.paused": None,
    "ticket.resolved": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One office.

    Attributes:
        mark: what it is to the report by what it did last: holder, passed, refused, lapsed; None: it was only named.
        since: since when it is that.
        named_by: the offices that said it is its task, by name.
    """

    office: str
    name: str
    mark: Mark | None = None
    since: datetime | None = None
    said: tuple[Word, ...] = ()
    named_by: tuple[str, ...] = ()


def sides(
    history: Iterable[Mapping[str, Any]], notes: Iterable[Mapping[str, Any]], silent: frozenset[str] = frozenset()
) -> tuple[Side, ...]:
    """The offices, the holder first, then in the order in which they came in.

    ``notes`` are those the coordinator may read; the reporter's are left out, and so is whoever takes no side: the
    front desk and coordinators (``silent``).
    """
    found = _Sides(silent)
    for step in history:
        found.take(step)
    for note in notes:
        if note["office"] and note["text"]:
            found.say(note["office"], Word(what="note", time=note["time"], words=note["text"]))
    return tuple(sorted(found.sides.values(), key=lambda side: side.mark is not Mark.HOLDER))


class _Sides:
    def __init__(self, silent: frozenset[str]) -> None:
        self._silent = silent
        self.sides: dict[str, Side] = {}

    def take(self, step: Mapping[str, Any]) -> None:
        what, time = step["what"], datetime.fromisoformat(step["time"])
        if what in _SPEAKS:
            self._meet(step["office"], step["office_name"], _SPEAKS[what], time)
            self.say(step["office"], word_of(step, time))
            if step["to"] and what != "handoff.lapsed":
                self._name(step["to"], step["to_name"], step["office_name"])
        elif what == "handoff.accepted":
            self._hold(step["office"], step["office_name"], time)
        elif what == "ticket.assigned":
            self._hold(step["to"], step["to_name"], time)

    def say(self, office: str, word: Word) -> None:
        side = self.sides.get(office)
        if side is not None:
            said = sorted((*side.said, word), key=lambda each: each.time)
            self.sides[office] = replace(side, said=tuple(said))

    def _hold(self, office: str, name: str, time: datetime) -> None:
        for code, side in self.sides.items():
            if side.mark is Mark.HOLDER:
                self.sides[code] = replace(side, mark=Mark.PASSED, since=time)
        self._meet(office, name, Mark.HOLDER, time)

    def _meet(self, office: str, name: str, mark: Mark | None, time: datetime | None) -> None:
        if office in self._silent:
            return
        side = self.sides.get(office) or Side(office=office, name=name)
        self.sides[office] = replace(side, mark=mark, since=time) if mark else side

    def _name(self, office: str, name: str, by: str) -> None:
        self._meet(office, name, None, None)
        side = self.sides.get(office)
        if side is not None:
            self.sides[office] = replace(side, named_by=tuple(dict.fromkeys((*side.named_by, by))))
