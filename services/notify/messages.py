"""A message: to whom, in which wording, with which facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: The recipient that is no office: whoever reported. Their audience has the same name.
REPORTER = "reporter"

#: What an office is told of a confidential report, whatever happened to it.
CONFIDENTIAL = "confidential-office"

#: What whoever wishes so is told once a day, instead of each message by itself.
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Message:
    """Somebody to be told something.

    Attributes:
        audience: reporter, office, coordinator or agency.
        recipient: the office's code, or ``reporter``.
        template: which wording, such as ``handoff-offered-receiver``.
        facts: what the wording needs: codes, times and offices' own words; never a contact.
    """

    audience: str
    recipient: str
    template: str
    facts: Mapping[str, Any] = field(default_factory=dict)
