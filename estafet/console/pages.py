"""What each address answers: parse, look, draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from estafet.cli.databases import Databases
from estafet.cli.failure import Failure
from estafet.cli.messages.deciding import DONE, decide_on, decider, facts, may_be_personal, shown
from estafet.cli.messages.finding import trace
from estafet.cli.messages.looking import look
from estafet.cli.messages.tracedrawing import chosen
from estafet.cli.messages.whereabouts import finished, judge
from estafet.console.drawing import Drawing, address
from estafet.console.front import front
from estafet.console.looks import Looks
from estafet.console.rounds import Rounds
from estafet.relay import triage
from estafet.relay.failure import TOO_LARGE
from estafet.settings import SERVICES, Settings

#: Of a group, so many messages are listed.
LISTED = 100
#: How long a code or an id may be that is looked for.
_LONGEST = 255
_TITLES = {404: "Not found", 409: "Not done"}
PAGE = "text/html; charset=utf-8"


class Pages:
    """The pages of one run. Each request has connections of its own, so that none waits for another's long look; the
    look at what waits is the one that all share.
    """

    def __init__(self, settings: Settings, service: str | None, drawing: Drawing) -> None:
        self._drawing = drawing
        self._connect = partial(Databases, settings, service)
        looking = self._connect()
        self._looks = Looks(lambda: look(settings, looking))
        self._rounds = Rounds()

    # What waits

    def front(self, request: Request) -> Response:
        return self._front("front.html")

    def front_now(self, request: Request) -> Response:
        return self._front("front-now.html")

    def _front(self, template: str) -> Response:
        seen = self._looks.latest()
        return self._draw(template, front=front(seen), backlog=seen.backlog)

    # What could not be handled

    def groups(self, request: Request) -> Response:
        with self._databases() as databases:
            found = [(service, group) for service in SERVICES for group in databases.ask(service, triage.groups) or ()]
            found.sort(key=lambda each: (each[1].state != "dead", -each[1].count))
            return self._draw("deferred.html", groups=found, unreachable=databases.unreachable)

    def group(self, request: Request, service: str) -> Response:
        wanted = _group(request.args)
        with self._databases() as databases:
            group = self._counted(databases, service, wanted)
            members = self._ask(databases, service, lambda each: triage.members(each, wanted, LISTED))
        return self._draw("group.html", service=service, group=group, members=members)

    def message(self, request: Request, service: str, id: str) -> Response:
        with self._databases() as databases:
            row = self._row(databases, service, id)
        return self._draw(
            "message.html",
            service=service,
            row=row,
            facts=facts(row),
            bytes=len(row.body),
            body=None if may_be_personal(row) else shown(row),
            like=_like(service, row),
            may_replay=row.state in ("dead", "waiting", "discarded") and row.error != TOO_LARGE,
            may_discard=row.state in ("dead", "waiting"),
        )

    def decide_on_message(self, request: Request, service: str, id: str) -> Response:
        act, decide = _decision(request)
        with self._databases() as databases:
            self._row(databases, service, id)
            if not decide_on(databases.open(service), id, decide):
                raise Failure(f"It is as it was: it cannot be {DONE[act]} now.")
        return redirect(address("deferred", service, id), 303)

    def decide_on_group(self, request: Request, service: str) -> Response:
        act, decide = _decision(request)
        wanted = _group(request.form)
        if wanted.state != "dead":
            raise Failure("All of a group are decided on when they are dead; the others are still tried by themselves.")
        with self._databases() as databases:
            group = self._counted(databases, service, wanted)
        if not group.count:
            raise Failure("Nothing is dead like this any more.")
        begun = self._rounds.begin(DONE[act], service, group, self._connect().open(service), decide)
        return redirect(address("rounds", str(begun.number)), 303)

    def round(self, request: Request, number: int) -> Response:
        return self._round("round.html", number)

    def round_now(self, request: Request, number: int) -> Response:
        return self._round("round-now.html", number)

    def _round(self, template: str, number: int) -> Response:
        try:
            found = self._rounds.of(number)
        except LookupError:
            raise Failure("This run of the console knows of no such decision. What it did stays done.") from None
        return self._draw(template, round=found)

    # Where is it

    def trace(self, request: Request) -> Response:
        wanted = request.args.get("wanted", "").strip()[:_LONGEST]
        if not wanted:
            return self._draw("trace.html", wanted="", found=None, failure="")
        with self._databases() as databases:
            try:
                found = trace(databases, wanted)
            except Failure as failure:
                return self._draw("trace.html", 404, wanted=wanted, found=None, failure=str(failure))
        messages = [
            (each, [judge(each, hearing) for hearing in each.hearings]) for each in chosen(found, "all" in request.args)
        ]
        waiting = sum(not finished(each) for each in found.messages)
        return self._draw("trace.html", wanted=wanted, found=found, messages=messages, waiting=waiting, failure="")

    # In common

    def refused(self, sentence: str, status: int) -> Response:
        return self._draw("refused.html", status, title=_TITLES.get(status, "That did not work"), sentence=sentence)

    def _draw(self, template: str, status: int = 200, **given: Any) -> Response:
        return Response(self._drawing.page(template, **given), status, content_type=PAGE)

    @contextmanager
    def _databases(self) -> Iterator[Databases]:
        databases = self._connect()
        try:
            yield databases
        finally:
            databases.close()

    def _ask(self, databases: Databases, service: str, question: Callable[[Any], Any]) -> Any:
        """What one service's database answers.

        Raises:
            Failure: it cannot be reached.
        """
        if service not in SERVICES:
            raise NotFound
        answer = databases.ask(service, question)
        if answer is None:
            raise Failure(databases.unreachable[service])
        return answer

    def _row(self, databases: Databases, service: str, id: str) -> Any:
        try:
            return self._ask(databases, service, lambda each: triage.show(each, id))
        except LookupError:
            raise Failure("There is no such deferred message: it may have been handled meanwhile.") from None

    def _counted(self, databases: Databases, service: str, wanted: triage.Group) -> triage.Group:
        """A group as it is now."""
        groups = self._ask(databases, service, triage.groups)
        return next((each for each in groups if _key(each) == _key(wanted)), replace(wanted, count=0))


def _key(group: triage.Group) -> tuple[str, ...]:
    return group.subscription, group.error, group.place, group.state


def _group(given: Any) -> triage.Group:
    """The group that an address or a form names."""
    return triage.Group(*(given.get(each, "") for each in ("subscription", "error", "place", "state")))


def _like(service: str, row: Any) -> str:
    """Where those are that failed as this one did."""
    return address(
        "deferred", service, subscription=row.subscription, error=row.error, place=row.place, state=row.state
    )


def _decision(request: Request) -> tuple[str, Callable[..., int]]:
    act = request.form.get("act", "")
    if act not in DONE:
        raise Failure("Say whether to replay or to discard.")
    return act, decider(act, request.form.get("who", ""), request.form.get("why", ""))
