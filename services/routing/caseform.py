"""A case as text, and back: the form in which it is kept."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from services.routing.case import Case, Referral, Step, Taking
from services.routing.deadlines import Pause


def dump(case: Case) -> str:
    return json.dumps(case, default=_simple, sort_keys=True)


def load(text: str) -> Case:
    data = json.loads(text)
    return Case(
        ticket=data["ticket"],
        correlation=data["correlation"],
        confidential=data["confidential"],
        named=frozenset(data["named"]),
        latest=Step(**_times(data["latest"], "time", "accept_by")),
        resolve_by=_time(data["resolve_by"]),
        opened=_taking(data["opened"]),
        taken=_taking(data["taken"]),
        pauses=tuple(Pause(**_times(each, "begins", "until")) for each in data["pauses"]),
        referrals={code: Referral(**_times(each, "since")) for code, each in data["referrals"].items()},
    )


def _simple(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return sorted(value)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _times(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**data, **{name: _time(data[name]) for name in names}}


def _taking(data: dict[str, Any] | None) -> Taking | None:
    return Taking(**_times(data, "time")) if data else None
