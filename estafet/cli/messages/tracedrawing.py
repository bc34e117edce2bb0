"""Draws where messages are: one with a line for each handler, or those about a report with a line for each message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from estafet.cli.messages.finding import Trace
from estafet.cli.messages.whereabouts import Message, State, Verdict, finished, judge
from estafet.cli.wording import more, pretty

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
    hidden = f"  [dim]{left_out} finished ones are not shown (--all)[/]" if left_out else ""
    drawn = Tree(f"[bold]{escape(trace.wanted)}[/]  {count}{hidden}", guide_style="dim")
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
    if verdict.why in trace.unreachable.values():  # it is said once, above
        verdict = replace(verdict, why="")
    said = escape(more(message, verdict, now))
    if verdict.state is State.HANDLED and not verdict.why:
        said = f"[dim]{said}[/]"
    return f"{escape(verdict.handler)} [{_STYLES[verdict.state]}]{verdict.state}[/]{said}{_command(verdict)}"


def _command(verdict: Verdict) -> str:
    """What somebody who has to act types next."""
    if verdict.setback is None:
        return ""
    if verdict.state is State.DEAD:
        return f"; mend it, then: estafet deferred replay {verdict.setback.id} --why ..."
    return f" (estafet deferred show {verdict.setback.id})"


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
