"""Times, rates and failures in the words that a terminal and a page have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from estafet.cli.messages.whereabouts import Message, Setback, State, Verdict


def pretty(took: timedelta) -> str:
    """How long, in the two units a person would say."""
    seconds = max(took.total_seconds(), 0.0)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, _ = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def age(seconds: float | None) -> str:
    """How old; ``-`` where nothing is, or nobody can tell."""
    return "-" if seconds is None else pretty(timedelta(seconds=seconds))


def rate(per_second: float | None) -> str:
    """How many a second; ``-`` where nobody counts."""
    return "-" if per_second is None else f"{per_second:.1f}"


def attempts(number: int) -> str:
    return f"{number} attempt{'' if number == 1 else 's'}"


def failure(setback: Setback) -> str:
    """How it failed, and where if that is known."""
    return f"{setback.error} at {setback.place}" if setback.place else setback.error


def sentences(unreachable: Mapping[str, str]) -> list[tuple[str, str]]:
    """Who cannot be looked at for the same reason, together, and the reason."""
    return [
        (", ".join(name for name, why in unreachable.items() if why == each), each)
        for each in dict.fromkeys(unreachable.values())
    ]


def more(message: Message, verdict: Verdict, now: datetime) -> str:
    """What a state does not say by itself, as the rest of a sentence that it begins."""
    setback = verdict.setback
    match verdict.state:
        case State.HANDLED:
            return f"{_after(message, verdict)}{_why(verdict)}"
        case State.RETURNED:
            return f" {pretty(now - verdict.at)} ago: nobody is bound; import the definitions" if verdict.at else ""
        case State.DEFERRED if setback:
            due = f", again in {pretty(setback.due_at - now)}" if setback.due_at else ""
            return f" after {attempts(setback.attempts)}: {failure(setback)}{due}"
        case State.DEAD if setback:
            return f" after {attempts(setback.attempts)}: {failure(setback)}"
        case State.DISCARDED:
            return ""
        case _:
            return f"{f' for {pretty(now - verdict.at)}' if verdict.at else ''}{_why(verdict)}"


def _after(message: Message, verdict: Verdict) -> str:
    if verdict.at is None:
        return ""
    began = message.committed.at if message.committed else None
    return f" +{pretty(verdict.at - began)}" if began else f" {verdict.at:%Y-%m-%d %H:%M:%S}"


def _why(verdict: Verdict) -> str:
    return f": {verdict.why}" if verdict.why else ""
