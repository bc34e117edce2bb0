"""The line of the relay, as a letter draws it: who said no, who holds the report, who comes next. Rules alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """An office on the line.

    Attributes:
        part: refused, silent, holder, last, asked, named, decides or agency; a language calls it ``line-<part>``.
        office: its code.
        reason: why it refused: a reason's code.
        by: what is due from it, ``resolve``, ``asked`` or ``unknown`` (nobody has set it yet); a language calls it
            ``by-<by>``.
        due: when that is due, RFC 3339.
    """

    part: str
    office: str
    reason: str | None = None
    by: str | None = None
    due: str | None = None


def line(template: str, facts: Mapping[str, Any]) -> list[Step]:
    """The offices that a message is about, in the order of the relay, each once; the holder is always among them.

    Empty when the facts name no holder: of a confidential report, to an office; and to an agency.
    """
    if not facts.get("holder"):
        return []
    kind = template.rpartition("-")[0]
    passed: set[str] = set()
    steps = []
    for step in (*_before(kind, facts), _holder(facts), *_after(kind, facts)):
        if step.office not in passed:
            passed.add(step.office)
            steps.append(step)
    return steps


def _before(kind: str, facts: Mapping[str, Any]) -> Iterator[Step]:
    if kind == "handoff-refused" and facts["office"] != facts["holder"]:
        yield Step("refused", facts["office"], reason=facts["reason"])
    if kind == "handoff-lapsed" and facts["receiver"] != facts["holder"]:
        yield Step("silent", facts["receiver"])


def _holder(facts: Mapping[str, Any]) -> Step:
    holder, status, due = facts["holder"], facts["status"], facts["resolve_by"]
    if status == "closed":
        return Step("last", holder)
    if status == "resolved":
        return Step("holder", holder)
    return Step("holder", holder, by="resolve" if due else "unknown", due=due)


def _after(kind: str, facts: Mapping[str, Any]) -> Iterator[Step]:
    if kind == "handoff-offered":
        yield Step("asked", facts["receiver"], by="asked", due=facts["accept_by"])
    if kind == "handoff-refused" and facts["right_office"]:
        yield Step("named", facts["right_office"])
    if facts["status"] == "convened" and facts.get("coordinator"):
        yield Step("decides", facts["coordinator"])
    if kind in ("referral-opened", "referral-answered"):
        yield Step("agency", facts["agency"])
