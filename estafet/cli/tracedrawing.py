"""Draws where messages are: one with a line for each handler, or those about a report with a line for each message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from estafet.cli.drawing import pretty
from estafet.cli.finding import Trace
from estafet.cli.whereabouts import Message, State, Verdict, finished, judge

#: Of those about a report that are finished, so many are shown.
LAST = 5

_STYLES = {
    State.UNPUBLISHED: "yellow",
    State.RETURNED: "bold red",
    State.ON_ITS_WAY: "yellow",
    State.DEFERRED: "bold yellow",
    State.DEAD: "bold red",
    State.DISCARDED: "dim",
    State.HANDLED: "green",
    State.UNKNOWN: "magenta",
}


def chosen(trace: Trace, every: bool) -> list[Message]:
    """What is shown of a trace: what is not finished, and the last of what is; or everything."""
    last = [each for each in trace.messages if finished(each)][-LAST:]
    return [each for each in trace.messages if every or each in last or not finished(each)]


def tree(trace: Trace, messages: Sequence[Message], now: datetime) -> Tree:
    """The drawn trace."""
    waiting = sum(not finished(each) for each in trace.messages)
    count = f"{len(trace.messages)} message{'' if len(trace.messages) == 1 else 's'}, {waiting} not finished"
    left_out = len(trace.messages) - len(messages)
    more = f"  [dim]{left_out} finished ones are not shown (--all)[/]" if left_out else ""
    drawn = Tree(f"[bold]{escape(trace.wanted)}[/]  {count}{more}", guide_style="dim")
    for each in messages:
        said = [_handler(each, judge(each, hearing), trace, now) for hearing in each.hearings]
        if trace.is_report:
            drawn.add("  ".join([_message(each), " [dim]·[/] ".join(said) or _NOBODY]))
            continue
        node = drawn.add(_message(each))
        for handler in said or [_NOBODY]:
            node.add(handler)
    return drawn


_NOBODY = "[dim]nobody must hear of it[/]"


def _message(message: Message) -> str:
    parts = [f"[bold]{escape(message.name or 'an event')}[/] [dim]{escape(message.id)}[/]"]
    committed = message.committed
    if committed is None:
        parts.append(f"[dim]from {escape(message.source)}[/]")
    else:
        parts.append(f"[dim]{committed.at:%Y-%m-%d %H:%M:%S}[/]")
        if committed.published_at:
            parts.append(f"[dim]published +{pretty(committed.published_at - committed.at)}[/]")
        elif not message.hearings:
            parts.append("[yellow]not published[/]")
    return " ".join(parts)


def _handler(message: Message, verdict: Verdict, trace: Trace, now: datetime) -> str:
    style = _STYLES[verdict.state]
    return f"{escape(verdict.handler)} [{style}]{verdict.state}[/]{_more(message, verdict, trace, now)}"


def _more(message: Message, verdict: Verdict, trace: Trace, now: datetime) -> str:
    """What a state is worth to somebody who has to act."""
    since = f" for {pretty(now - verdict.at)}" if verdict.at else ""
    why = f": {escape(verdict.why)}" if verdict.why and verdict.why not in trace.unreachable.values() else ""
    setback = verdict.setback
    show = f" (estafet deferred show {setback.id})" if setback else ""
    match verdict.state:
        case State.HANDLED:
            return f"{_after(message, verdict)}{why}{show}"
        case State.RETURNED:
            return f" {pretty(now - verdict.at)} ago: nobody is bound; import the definitions" if verdict.at else ""
        case State.DEFERRED if setback:
            due = f", again in {pretty(setback.due_at - now)}" if setback.due_at else ""
            return f" after {_attempts(setback.attempts)}: {escape(_failure(setback))}{due}{show}"
        case State.DEAD if setback:
            failure = escape(_failure(setback))
            replay = f"estafet deferred replay {setback.id} --why ..."
            return f" after {_attempts(setback.attempts)}: {failure}; mend it, then: {replay}"
        case State.DISCARDED:
            return show
        case _:
            return f"{since}{why}"


def _after(message: Message, verdict: Verdict) -> str:
    if verdict.at is None:
        return ""
    began = message.committed.at if message.committed else None
    return f" [dim]+{pretty(verdict.at - began)}[/]" if began else f" [dim]{verdict.at:%Y-%m-%d %H:%M:%S}[/]"


def _attempts(number: int) -> str:
    return f"{number} attempt{'' if number == 1 else 's'}"


def _failure(setback: Any) -> str:
    return f"{setback.error} at {setback.place}" if setback.place else str(setback.error)


def document(trace: Trace, messages: Sequence[Message]) -> dict[str, Any]:
    """For programs: what docs/operator.md lists."""
    return {
        "wanted": trace.wanted,
        "is_report": trace.is_report,
        "found": len(trace.messages),
        "unfinished": sum(not finished(each) for each in trace.messages),
        "messages": [_told(each) for each in messages],
        "unreachable": dict(trace.unreachable),
    }


def _told(message: Message) -> dict[str, Any]:
    committed = message.committed
    return {
        "id": message.id,
        "event": message.name or None,
        "source": message.source,
        "committed_at": _iso(committed.at if committed else None),
        "published_at": _iso(committed.published_at if committed else None),
        "returned_at": _iso(committed.returned_at if committed else None),
        "finished": finished(message),
        "handlers": [_told_of(judge(message, each)) for each in message.hearings],
    }


def _told_of(verdict: Verdict) -> dict[str, Any]:
    setback = verdict.setback
    return {
        "handler": verdict.handler,
        "state": verdict.state.value,
        "since": _iso(verdict.at),
        "why": verdict.why or None,
        "deferred": None
        if setback is None
        else {
            "id": setback.id,
            "error": setback.error,
            "place": setback.place,
            "attempts": setback.attempts,
            "due_at": _iso(setback.due_at),
        },
    }


def _iso(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
