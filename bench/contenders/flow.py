"""What the contenders beside ours have in common: the messages, the chain's hashes, and who is offered a report."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

#: The office for each category; the front desk for all others.
OFFICES = {"ktp": "dispendukcapil", "jalan": "dpupr", "sampah": "dlhkp", "lampu": "dishub", "air": "dpupr"}
FRONT_DESK = "front-desk"
ACCEPT_WITHIN = timedelta(days=2)
#: How the office that is offered a report is told.
TEMPLATE = "handoff-offered"
#: What comes before the first entry of a chain.
NOTHING_BEFORE = ""


def receiver(category: str) -> tuple[str, datetime]:
    """The office that a report is offered to, and until when it should answer."""
    return OFFICES.get(category, FRONT_DESK), datetime.now(UTC) + ACCEPT_WITHIN


def new_code() -> str:
    """A ticket code that nobody can guess."""
    return secrets.token_hex(6).upper()


def new_message(name: str, data: Mapping[str, Any], correlation_id: str, causation_id: str) -> dict[str, Any]:
    """A message about something that just happened, as JSON has it."""
    return {
        "id": str(uuid7()),
        "name": name,
        "time": datetime.now(UTC).isoformat(),
        "correlationid": correlation_id,
        "causationid": causation_id,
        "data": data,
    }


def canonical(message: Mapping[str, Any]) -> str:
    """One text for one message, whatever the order of its keys."""
    return json.dumps(message, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous: str, body: str) -> str:
    """The hash of a chain's entry, over the entry before it and its own body."""
    return hashlib.sha256((previous + body).encode()).hexdigest()
