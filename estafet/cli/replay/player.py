"""Plays one case of a log through the HTTP API, one step at a time, from wherever its report stands.

Where it stands is read from the system and nowhere else, so a replay that was cut off goes on, and one that is finished
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estafet.cli.failure import Failure
from estafet.cli.replay.city import COORDINATOR, FRONT_DESK, category
from estafet.cli.replay.handofflog import LoggedCase
from estafet.cli.stage import code_of
from estafet.cli.tokenfile import AUDITOR
from estafet.client import Client, Json, Problem, Unreachable

#: Problems that only say that the report has moved on since it was looked at.
_MOVED_ON = ("stale", "already-requested", "not-offered-to-you", "not-holder", "bound", "not-bound")
#: Looks at a report that does not move before the replay gives up.
PATIENCE = 600
_LOOK_AGAIN = 0.02
_LOOK_AGAIN_AT_MOST = 0.5


@dataclass(slots=True)
class Outcome:
    """What became of a case, as the system tells it."""

    ordinary: int
    assigned: int
    refused: int
    refused_returns: int
    last_holder: str


@dataclass(slots=True)
class Play:
    """A case under way. ``position``: how many of the log's holders have held it."""

    case: LoggedCase
    key: str
    code: str = ""
    position: int = 0
    version: int = 0
    #: As the API says it; "" when it has to be looked at.
    status: str = ""
    holder: str = ""
    bound: bool = False
    handoff: str | None = None
    #: Looks since it last moved.
    looks: int = 0
    outcome: Outcome | None = None

    @property
    def next_holder(self) -> str:
        return self.case.holders[self.position]

    @property
    def finished(self) -> bool:
        return self.position == len(self.case.holders)


class Player:
    """Steps through cases with one connection and every office's token. Belongs to one thread."""

    def __init__(self, client: Client, tokens: Mapping[str, str]) -> None:
        self._anybody = client.using(None)
        self._tokens = tokens

    def step(self, play: Play) -> float:
        """Do the next thing there is to do; answers how many seconds to leave the case alone.

        Raises:
            Failure: the report is not where the log and the rules say it must be.
        """
        before = play.position
        try:
            self._act(play)
        except Unreachable:
            play.status = ""
            self._count(play, "the system does not answer")
            return _LOOK_AGAIN_AT_MOST
        except Problem as problem:
            if problem.slug not in _MOVED_ON:
                raise Failure(f"Case {play.case.name} ({play.code}): {problem}") from problem
            play.status = ""
        if play.position != before:
            play.looks = 0
            return 0.0
        if play.status in ("requested", "offered", ""):
            self._count(play, f"it stands at {play.status or 'a changing state'!r}; is routing running?")
            return min(_LOOK_AGAIN * play.looks, _LOOK_AGAIN_AT_MOST)
        return 0.0

    def _act(self, play: Play) -> None:
        if not play.code:
            self._submit(play)
        elif play.status == "requested" and play.handoff:
            self._watch(play, play.handoff)
        elif play.status in ("requested", ""):
            self._look(play)
        elif play.status == "offered":
            self._accept(play)
        elif play.status == "convened":
            self._assign(play)
        elif play.status == "held" and play.bound:
            self._give_back(play)
        elif play.status == "held":
            self._request(play)
        else:
            raise Failure(f"Case {play.case.name} ({play.code}) is {play.status}: somebody else works on it.")

    def _submit(self, play: Play) -> None:
        report = {"category": category(play.case.holders[0]), "text": f"Case {play.case.name}"}
        answer = self._office(play.case.holders[0]).report(report, key=play.key)
        play.code, play.status = answer["code"], ""

    def _look(self, play: Play) -> None:
        ticket = self._office(AUDITOR).ticket(play.code)
        held = _held(ticket)
        if tuple(held) != play.case.holders[: len(held)]:
            raise Failure(
                f"Report {play.code} was held by {', '.join(held)}, which is not how case {play.case.name} went."
            )
        play.position = len(held)
        play.version, play.status = ticket["version"], ticket["status"]
        play.holder, play.bound = code_of(ticket["holder"]), bool(ticket["bound_by"])
        play.handoff = None

    def _watch(self, play: Play, handoff: str) -> None:
        decided = self._office(play.holder).handoff_status(play.code, handoff)["status"]
        if decided == "requested":
            return
        # Routing's decision is the very next change of the report, so its version is known without looking.
        play.version += 1
        play.handoff = None
        play.status = {"offered": "offered", "blocked": "convened"}.get(decided, "")

    def _accept(self, play: Play) -> None:
        answer = self._office(play.next_holder).accept(play.code, play.version)
        self._moved(play, answer, bound=False)

    def _assign(self, play: Play) -> None:
        answer = self._office(COORDINATOR).assign(
            play.code, play.version, receiver=play.next_holder, reason="competent-office"
        )
        self._moved(play, answer, bound=True)

    def _give_back(self, play: Play) -> None:
        answer = self._office(play.holder).convene(play.code, play.version, reason="needs-other-office")
        play.version, play.status = answer["version"], answer["status"]

    def _request(self, play: Play) -> None:
        answer = self._office(play.holder).request_handoff(
            play.code, play.version, receiver=play.next_holder, reason="needs-other-office"
        )
        play.handoff, play.version, play.status = answer["event"], answer["version"], "requested"

    def _moved(self, play: Play, answer: Json, *, bound: bool) -> None:
        play.holder, play.bound = play.next_holder, bound
        play.position += 1
        play.version, play.status = answer["version"], answer["status"]

    def audit(self, play: Play) -> Outcome:
        """Read the finished report back and have its chain verified."""
        auditor = self._office(AUDITOR)
        ticket, chain = auditor.ticket(play.code), auditor.verify(play.code)
        if not chain["ok"]:
            raise Failure(f"The chain of {play.code} is broken at position {chain['broken_at']}.")
        if tuple(_held(ticket)) != play.case.holders:
            raise Failure(f"Report {play.code} was not held by the offices of case {play.case.name}, in their order.")
        how = [each["how"] for each in ticket["holders"] if each["office"] != FRONT_DESK][1:]
        blocked = [each for each in ticket["handoffs"] if each["status"] == "blocked"]
        returns = [each for each in blocked if any(why["rule"] == "no-way-back" for why in each["because"])]
        return Outcome(
            ordinary=how.count("accepted"),
            assigned=how.count("assigned"),
            refused=len(blocked),
            refused_returns=len(returns),
            last_holder=code_of(ticket["holder"]),
        )

    def _office(self, code: str) -> Client:
        return self._anybody.using(self._tokens[code])

    @staticmethod
    def _count(play: Play, why: str) -> None:
        play.looks += 1
        if play.looks > PATIENCE:
            raise Failure(f"Case {play.case.name} ({play.code or 'not submitted'}) does not move: {why}")


def _held(ticket: Json) -> list[str]:
    return [code_of(each["office"]) for each in ticket["holders"] if code_of(each["office"]) != FRONT_DESK]
