"""Which acts are possible on a report now, by whoever looks: the rules themselves are asked, and what they answer is
thrown away. So a page can never offer what the rules would refuse, nor hide what they allow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from estafet.events.reasons import reasons_for
from services.tickets import custody
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight
from services.tickets.custody import Act, Outcome, Refused

_Trial = Callable[[Sight, Act], Outcome]


def _first(act: str) -> str:
    return reasons_for(act)[0]


def _pause(sight: Sight, act: Act) -> Outcome:
    return custody.pause(sight.case, act, reason=_first("pause"), until=act.now + timedelta(microseconds=1))


_TRIALS: Mapping[Action, _Trial] = {
    Action.ACCEPT: lambda s, a: custody.accept(s.case, a),
    Action.REFUSE: lambda s, a: custody.refuse(s.case, a, s.directory, reason=_first("refuse")),
    Action.REQUEST: lambda s, a: custody.request(s.case, a, s.directory, reason=_first("handoff")),
    Action.WITHDRAW: lambda s, a: custody.withdraw(s.case, a),
    Action.RETURN: lambda s, a: custody.ask_for_coordinator(s.case, a, s.directory, reason=_first("convene")),
    Action.PAUSE: _pause,
    Action.RESOLVE: lambda s, a: custody.resolve(s.case, a, reason=_first("resolve")),
    Action.NOTE: lambda s, a: custody.note(s.case, a),
    Action.HIDDEN_NOTE: lambda s, a: custody.note(s.case, a, public=False),
}


def acts(sight: Sight, now: datetime) -> dict[Action, Refused | None]:
    """What whoever looks is entitled to, each with why it is not possible now; None: it is."""
    office = sight.office
    if office is None:
        return {}
    act = Act(now=now, by=office, new_id=str)
    found = {action: _tried(trial, sight, act) for action, trial in _TRIALS.items() if sight.may(action)}
    if sight.may(Action.ASSIGN):
        receivers = assignable(sight, now)
        found[Action.ASSIGN] = None if receivers else _tried(_assignment(sight.case.holder), sight, act)
    if sight.may(Action.REFER):
        agencies = referable(sight, now)
        reasons = [why for why in agencies.values() if why is not None]
        found[Action.REFER] = None if len(reasons) < len(agencies) else next(iter(reasons), None)
    return found


def assignable(sight: Sight, now: datetime) -> list[str]:
    """The offices that a coordinator may assign it to."""
    act = Act(now=now, by=sight.office, new_id=str)
    return [code for code in sight.directory.offices if _tried(_assignment(code), sight, act) is None]


def referable(sight: Sight, now: datetime) -> dict[str, Refused | None]:
    """The outside agencies, each with why it cannot be asked now."""
    act = Act(now=now, by=sight.office, new_id=str)
    agencies = [each.code for each in sight.directory.offices.values() if each.kind == "external"]
    return {code: _tried(_referral(code), sight, act) for code in agencies}


def answerable(sight: Sight, now: datetime) -> list[str]:
    """The referrals whose answer can be recorded."""
    act = Act(now=now, by=sight.office, new_id=str)
    asked = [each.id for each in sight.case.referrals]
    return [id for id in asked if sight.may(Action.REFER) and _tried(_answer(id), sight, act) is None]


def _assignment(receiver: str) -> _Trial:
    return lambda s, a: custody.assign(s.case, a, s.directory, receiver=receiver, reason=_first("assign"))


def _answer(referral: str) -> _Trial:
    return lambda s, a: custody.answer(s.case, a, referral=referral, outcome="received")


def _referral(agency: str) -> _Trial:
    return lambda s, a: custody.refer(s.case, a, s.directory, agency=agency)


def _tried(trial: _Trial, sight: Sight, act: Act) -> Refused | None:
    try:
        trial(sight, act)
    except Refused as refused:
        return refused
    return None
