"""Cases, handoffs and referrals as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from services.tickets.custody.case import Case, Handoff, Referral

_ELSEWHERE = ("pending", "referrals")
_CASE = tuple(each.name for each in fields(Case) if each.name not in _ELSEWHERE)
_HANDOFF = tuple(each.name for each in fields(Handoff))
_REFERRAL = tuple(each.name for each in fields(Referral))


def case_row(case: Case) -> dict[str, Any]:
    """The columns of ``tickets`` that a case decides."""
    return {
        **{name: _stored(getattr(case, name)) for name in _CASE},
        "pending": case.pending.id if case.pending else None,
        "offered_to": case.offered_to,
        "accept_by": case.pending.accept_by if case.pending and case.offered_to else None,
    }


def case_of(row: Mapping[Any, Any], pending: Handoff | None, referrals: Iterable[Referral]) -> Case:
    known = {name: _plain(row[name]) for name in _CASE}
    return Case(**known, pending=pending, referrals=tuple(referrals))


def handoff_row(handoff: Handoff) -> dict[str, Any]:
    return {name: _stored(getattr(handoff, name)) for name in _HANDOFF}


def handoff_of(row: Mapping[Any, Any]) -> Handoff:
    return Handoff(**{name: _plain(row[name]) for name in _HANDOFF})


def referral_row(referral: Referral) -> dict[str, Any]:
    return {name: _stored(getattr(referral, name)) for name in _REFERRAL}


def referral_of(row: Mapping[Any, Any]) -> Referral:
    return Referral(**{name: _plain(row[name]) for name in _REFERRAL})


def _stored(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
