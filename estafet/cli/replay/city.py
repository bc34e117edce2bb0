"""A city made for a log: every resource an office, one coordinator above them all, a category for each first office."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from estafet.cli.replay.handofflog import HandoffLog

COORDINATOR = "coordinator"
FRONT_DESK = "front-desk"

#: Long enough that no clock runs out while history is replayed as fast as it goes.
_LIMIT = {"limit": 10, "unit": "day", "basis": "replay"}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def category(office: str) -> str:
    """The category whose competent office is ``office``: a report of it is offered there first."""
    return f"c-{office}"


def kinds(log: HandoffLog) -> dict[str, str]:
    """The kind of every office, by code."""
    teams = {office: "department" for office in log.offices}
    return {COORDINATOR: "coordinator", FRONT_DESK: "front-desk", **teams}


def write(log: HandoffLog, folder: Path, name: str, hop_budget: int | None) -> None:
    """Write the city's folder. JSON is YAML, so nothing is needed that the light install lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, content in _parts(log, name, hop_budget).items():
        (folder / f"{part}.yaml").write_text(_readable(content), encoding="utf-8")


def _parts(log: HandoffLog, name: str, hop_budget: int | None) -> Mapping[str, Any]:
    first = set(log.first_offices)
    offices = [
        {
            "code": code,
            "name": code.upper(),
            "kind": kind,
            "parent": None if code == COORDINATOR else COORDINATOR,
            "competence": [category(code)] if code in first else [],
        }
        for code, kind in kinds(log).items()
    ]
    services = [
        {"code": category(code), "name": {"id": code.upper(), "en": code.upper()}, "deadline": "replay"}
        for code in log.first_offices
    ]
    limits = {each: _LIMIT for each in ("forward", "accept", "hold", "referral", "silence", "loop")}
    return {
        "city": {"name": name, "code_prefix": "RPL"},
        "offices": offices,
        "services": services,
        "areas": [],
        "calendar": {"timezone": "UTC", "country": None, "hours": {day: "00:00-23:59" for day in _WEEKDAYS}},
        "policy": {
            "resolve": {"replay": _LIMIT},
            **limits,
            "near_percent": 99,
            "hop_budget": hop_budget,
            "external_holder": log.offices[0],
        },
    }


def _readable(content: Any) -> str:
    """One entry a line."""
    if isinstance(content, list):
        return "".join(f"- {json.dumps(entry)}\n" for entry in content) or "[]\n"
    return "".join(f"{json.dumps(key)}: {json.dumps(value)}\n" for key, value in content.items())
