"""Draws a chain as a tree: each message under the one that caused it, the way of the baton straight down.

Of the messages one message caused, the one with the most consequences goes on at the same depth; the others hang under
it. A report that went through fifty hands is then a straight line with leaves, not a staircase.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from estafet.cli.wording import pretty

_STYLES = {
    "ticket.opened": "bold cyan",
    "handoff.accepted": "bold green",
    "ticket.assigned": "bold magenta",
    "ticket.convened": "bold yellow",
    "handoff.blocked": "bold red",
    "handoff.refused": "red",
    "handoff.lapsed": "red",
    "ticket.resolved": "bold green",
    "ticket.closed": "bold green",
}
#: Where, in an event's data, the office is that the event comes from, and the one it goes to.
_FROM = ("office", "sender", "coordinator")
_TO = ("receiver", "agency", "right_office")


@dataclass
class Node:
    """A message with those it caused. ``weight``: how many messages hang on it, itself included."""

    entry: Mapping[str, Any]
    children: list[Node] = field(default_factory=list)
    weight: int = 1

    @property
    def time(self) -> datetime:
        return datetime.fromisoformat(self.entry["time"])


def tree(title: str, entries: Sequence[Mapping[str, Any]]) -> Tree:
    """The drawn chain. Entries whose cause is not in it (or hidden) begin a line of their own."""
    drawn = Tree(f"[bold]{escape(title)}[/]  {len(entries)} messages", guide_style="dim")
    for root in forest(entries):
        _draw(root, drawn, None)
    return drawn


def forest(entries: Iterable[Mapping[str, Any]]) -> list[Node]:
    """Messages as trees by causation id, in the chain's order."""
    nodes = {entry["id"]: Node(entry) for entry in entries}
    roots = []
    for node in nodes.values():
        cause = nodes.get(node.entry.get("causationid") or "")
        if cause is None or cause is node:
            roots.append(node)
        else:
            cause.children.append(node)
    for root in roots:
        _weigh(root)
    return roots


def _weigh(root: Node) -> None:
    """Without recursion: a chain may be longer than Python's stack is deep."""
    order, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += node.children
    for node in reversed(order):
        node.weight = 1 + sum(child.weight for child in node.children)


def _draw(node: Node, parent: Tree, cause: Node | None) -> None:
    while True:
        drawn = parent.add(line(node, cause))
        heir = _heir(node)
        for child in node.children:
            if child is not heir:
                _draw(child, drawn, node)
        if heir is None:
            return
        node, cause = heir, node


def _heir(node: Node) -> Node | None:
    """The last of the heaviest; that somebody was told, or an agency asked, is never the way of the baton."""
    aside = ("notification.", "referral.")
    going_on = [child for child in node.children if not child.entry["name"].startswith(aside)]
    return max(reversed(going_on), key=lambda child: child.weight, default=None)


def line(node: Node, cause: Node | None) -> str:
    """Who, when, why, and how long after its cause."""
    entry = node.entry
    data = data_of(entry)
    style = "dim strike" if entry.get("superseded") else _STYLES.get(entry["name"], "")
    if not style and entry["name"].startswith(("notification.", "deadline.")):
        style = "dim"
    name = f"[{style}]{entry['name']}[/]" if style else entry["name"]
    took = f" [dim]+{pretty(node.time - cause.time)}[/]" if cause else ""
    parts = [f"{name} {_who(data)}".rstrip(), f"[dim]{node.time:%Y-%m-%d %H:%M:%S}[/]{took}"]
    if entry.get("superseded"):
        parts.append("[dim]superseded: the report had moved on[/]")
    known = data_of(cause.entry).get("because") if cause else None
    parts += [f"[italic]{escape(why)}[/]" for why in _why(data, known)]
    return "  ".join(parts)


def data_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the message says; nothing when its body is hidden. A body may come as the JSON text that was on the wire."""
    body = entry.get("body") or {}
    parsed = json.loads(body) if isinstance(body, str) else body
    data: dict[str, Any] = parsed.get("data", {})
    return data


def _who(data: Mapping[str, Any]) -> str:
    first = next((data[name] for name in _FROM if data.get(name)), None)
    second = next((data[name] for name in _TO if data.get(name)), None)
    if data.get("recipient"):
        return f"to {escape(str(data['recipient']))} [dim]{escape(str(data.get('template', '')))}[/]"
    if first and second:
        decided = f"{escape(data['coordinator'])}: " if data.get("coordinator") else ""
        return f"{decided}{escape(first)} → {escape(second)}"
    if not first and not second and data.get("ticket"):
        return escape(str(data["ticket"].get("holder", "")))
    return escape(str(first or second or ""))


def _why(data: Mapping[str, Any], known: Any) -> list[str]:
    """Reason, own words, and what a decision rests on, unless that is what its cause (``known``) just said."""
    why = [data["reason"]] if data.get("reason") else []
    if data.get("words"):
        why.append(f"“{data['words']}”")
    because = data.get("because") or ()
    return why if because == known else why + [each["en"] for each in because]
