"""The rules of the baton, in one place to import from: each takes a case and answers an outcome.

Acts of people raise :class:`Refused`. What came too late answers an outcome that is ``superseded``.
"""

from __future__ import annotations

from services.tickets.custody.case import (
    Act,
    Case,
    Handoff,
    Holding,
    Moment,
    Outcome,
    Referral,
    Refused,
    Said,
    Unlawful,
    Unlisted,
)
from services.tickets.custody.convening import ask_for_coordinator, assign, give_back, may_assign
from services.tickets.custody.decision import Blocked, Routed, blocked, routed
from services.tickets.custody.ending import confirm, object_to, resolve, silence
from services.tickets.custody.handoff import accept, lapse, refuse, request, withdraw
from services.tickets.custody.holding import note, pause
from services.tickets.custody.opening import Report, faults, open_case, slug_of
from services.tickets.custody.referral import answer, consent, refer

__all__ = [
    "Act",
    "Blocked",
    "Case",
    "Handoff",
    "Holding",
    "Moment",
    "Outcome",
    "Referral",
    "Refused",
    "Report",
    "Routed",
    "Said",
    "Unlawful",
    "Unlisted",
    "accept",
    "answer",
    "ask_for_coordinator",
    "assign",
    "blocked",
    "confirm",
    "consent",
    "faults",
    "give_back",
    "lapse",
    "may_assign",
    "note",
    "object_to",
    "open_case",
    "pause",
    "refer",
    "refuse",
    "request",
    "resolve",
    "routed",
    "silence",
    "slug_of",
    "withdraw",
]
