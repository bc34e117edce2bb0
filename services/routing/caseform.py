"""A case as text, and back: the form in which it is kept. What a later release wrote beside is passed over."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import orjson

from services.routing.case import Case, Referral, Step, Taking
from services.routing.deadlines import Pause

_STEP, _PAUSE, _REFERRAL, _TAKING = (
    tuple(field.name for field in fields(kind)) for kind in (Step, Pause, Referral, Taking)
)


def dump(case: Case) -> str:
    return orjson.dumps(case, default=sorted, option=orjson.OPT_SORT_KEYS).decode()


def load(text: str) -> Case:
    data = orjson.loads(text)
    return Case(
        ticket=data["ticket"],
        correlation=data["correlation"],
        confidential=data["confidential"],
        named=frozenset(data["named"]),
        latest=Step(**_known(_STEP, data["latest"], "time", "accept_by")),
        resolve_by=_time(data["resolve_by"]),
        opened=_taking(data["opened"]),
        taken=_taking(data["taken"]),
        pauses=tuple(Pause(**_known(_PAUSE, each, "begins", "until")) for each in data["pauses"]),
        referrals={code: Referral(**_known(_REFERRAL, each, "since")) for code, each in data["referrals"].items()},
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _known(names: tuple[str, ...], data: dict[str, Any], *times: str) -> dict[str, Any]:
    known = {name: data[name] for name in names if name in data}
    return {**known, **{name: _time(data[name]) for name in times}}


def _taking(data: dict[str, Any] | None) -> Taking | None:
    return Taking(**_known(_TAKING, data, "time")) if data else None
