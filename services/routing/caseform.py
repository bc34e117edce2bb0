"""A case as text, and back: the form in which it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from services.routing.case import Case, Referral, Step, Taking
from services.routing.deadlines import Pause


def dump(case: Case) -> str:
    return orjson.dumps(case, default=sorted, option=orjson.OPT_SORT_KEYS).decode()


def load(text: str) -> Case:
    data = orjson.loads(text)
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


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _times(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**data, **{name: _time(data[name]) for name in names}}


def _taking(data: dict[str, Any] | None) -> Taking | None:
    return Taking(**_times(data, "time")) if data else None
