"""Who may see and do what: one table of roles and actions, and who plays which role for a report.

The table says who may try; the rules of custody still say whether the moment is right.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import Enum

from services.tickets.custody.case import Case
from services.tickets.custody.convening import may_assign
from services.tickets.directory import Directory


class Role(Enum):
    """What somebody is to a report, or to the city. One person can be several things."""

    REPORTER = "reporter"
    HOLDER = "holder"
    #: The holder of a report whose reporter needs no protection: it may know how to reach them.
    CORRESPONDENT = "correspondent"
    GUARDIAN = "guardian"
    #: It held the report once and keeps read access to what it handed on.
    FORMER_HOLDER = "former-holder"
    OFFERED = "offered"
    #: A coordinator who decides, or stands above the holder.
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    #: The app that sent it: it speaks for the reporter, who wrote it there.
    SENDER = "sender"
    #: Anybody else: another office, a coordinator elsewhere, an app, operations, the public.
    STRANGER = "stranger"

    #: What somebody is without any report in question.
    ANYBODY = "anybody"
    #: Whoever shows a token.
    BEARER = "bearer"
    #: A token of an office, as officer or coordinator.
    OFFICE = "office"
    #: A coordinator's token.
    DECIDER = "decider"
    #: An auditor's token.
    REVIEWER = "reviewer"
    #: A token of those who run the system.
    OPERATOR = "operator"
    #: An app's token.
    APP = "app"


class Action(Enum):
    #: The public view, and the chain without bodies.
    PUBLIC_VIEW = "public-view"
    #: The text, the place, handoffs, referrals, and the chain with bodies.
    FULL_VIEW = "full-view"
    #: Notes that are not meant for the reporter.
    INTERNAL_NOTES = "internal-notes"
    CONTACT = "contact"
    #: The consented fields of a referral, with their values.
    PACKAGE = "package"
    #: The reporter's name and contact among them: consented to for the agency's eyes, not for those of the holder.
    PACKAGE_IDENTITY = "package-identity"
    NOTE = "note"
    #: A note that is not meant for the reporter.
    HIDDEN_NOTE = "hidden-note"
    ACCEPT = "accept"
    REFUSE = "refuse"
    REQUEST = "request"
    WITHDRAW = "withdraw"
    RETURN = "return"
    PAUSE = "pause"
    RESOLVE = "resolve"
    REFER = "refer"
    ASSIGN = "assign"
    CONFIRM = "confirm"
    OBJECT = "object"
    CONSENT = "consent"
    #: Say how it was handled; and read what was said.
    RATE = "rate"
    RATING = "rating"
    #: Open the report's page with its secret, and print both.
    RECEIPT = "receipt"

    #: What is about no report, or about none yet.
    SUBMIT = "submit"
    #: Reports that are not confidential, without what was written and where: how Open311 lists them.
    LISTED = "listed"
    #: Submit by Open311, as an app.
    SEND = "send"
    #: Follow by Open311 what the app sent.
    FOLLOW = "follow"
    #: Say by Open311 what the reporter says to it.
    ANSWER = "answer"
    #: Offices, categories, areas, and what the API takes.
    CITY = "city"
    #: How much an office holds.
    LOAD = "load"
    DESK = "desk"
    #: The desk's list of what awaits a coordinator.
    DESK_CONVENED = "desk-convened"
    #: All that awaits a coordinator, whichever.
    ALL_CONVENED = "all-convened"
    #: What many reports come to, in sums: of one's own office; of the whole city.
    OWN_SUMS = "own-sums"
    SUMS = "sums"
    #: Whether a service is well, and its numbers.
    PROBE = "probe"


_OFFICES = frozenset({Role.HOLDER, Role.GUARDIAN, Role.FORMER_HOLDER, Role.OFFERED, Role.COORDINATOR})
_INVOLVED = _OFFICES | {Role.REPORTER, Role.SENDER}
_HOLDER = frozenset({Role.HOLDER})
_RECEIVER = frozenset({Role.OFFERED})
_REPORTER = frozenset({Role.REPORTER})
_SPEAKER = frozenset({Role.REPORTER, Role.SENDER})
_ANYBODY = frozenset({Role.ANYBODY})

ENTITLED: dict[Action, frozenset[Role]] = {
    Action.PUBLIC_VIEW: _INVOLVED | {Role.CORRESPONDENT, Role.AUDITOR, Role.STRANGER},
    Action.FULL_VIEW: _INVOLVED | {Role.AUDITOR},
    Action.INTERNAL_NOTES: _OFFICES | {Role.AUDITOR},
    Action.CONTACT: frozenset({Role.CORRESPONDENT, Role.REPORTER}),
    Action.PACKAGE: _HOLDER,
    Action.PACKAGE_IDENTITY: frozenset({Role.CORRESPONDENT}),
    Action.NOTE: _INVOLVED,
    Action.HIDDEN_NOTE: _OFFICES,
    Action.ACCEPT: _RECEIVER,
    Action.REFUSE: _RECEIVER,
    Action.REQUEST: _HOLDER,
    Action.WITHDRAW: _HOLDER,
    Action.RETURN: _HOLDER,
    Action.PAUSE: _HOLDER,
    Action.RESOLVE: _HOLDER,
    Action.REFER: _HOLDER,
    Action.ASSIGN: frozenset({Role.COORDINATOR}),
    Action.CONFIRM: _SPEAKER,
    Action.OBJECT: _SPEAKER,
    Action.CONSENT: _REPORTER,
    Action.RATE: _REPORTER,
    Action.RATING: frozenset({Role.REPORTER, Role.COORDINATOR, Role.AUDITOR}),
    Action.RECEIPT: _REPORTER,
    Action.SUBMIT: _ANYBODY,
    Action.LISTED: _ANYBODY,
    Action.SEND: frozenset({Role.APP}),
    Action.FOLLOW: frozenset({Role.APP}),
    Action.ANSWER: frozenset({Role.SENDER}),
    Action.CITY: _ANYBODY,
    Action.LOAD: frozenset({Role.BEARER}),
    Action.DESK: frozenset({Role.OFFICE}),
    Action.DESK_CONVENED: frozenset({Role.DECIDER}),
    Action.ALL_CONVENED: frozenset({Role.REVIEWER}),
    Action.OWN_SUMS: frozenset({Role.OFFICE}),
    Action.SUMS: frozenset({Role.DECIDER, Role.REVIEWER, Role.OPERATOR}),
    Action.PROBE: _ANYBODY,
}

#: What a token in a role makes of whoever shows it, besides a bearer.
_ALONE = {"app": Role.APP, "auditor": Role.REVIEWER, "ops": Role.OPERATOR}

TOKEN_ROLES = ("officer", "coordinator", "app", "auditor", "ops")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a request showed: the report's secret, a token, both or nothing."""

    #: The secret of this very report was right.
    reporter: bool = False
    #: One of :data:`TOKEN_ROLES`; None without a token.
    role: str | None = None
    #: The token's office; officers and coordinators have one.
    office: str | None = None
    #: The token is one of the app that sent the report.
    sender: bool = False


#: The public.
NOBODY = Credential()


def roles_of(case: Case, directory: Directory, credential: Credential) -> Set[Role]:
    """Every role the credential plays for the report; on a confidential one a stranger plays none."""
    roles = {Role.REPORTER} if credential.reporter else set()
    if credential.role == "auditor":
        roles.add(Role.AUDITOR)
    if credential.sender and not case.confidential:
        roles.add(Role.SENDER)
    if credential.role in ("officer", "coordinator") and credential.office is not None:
        roles |= _office_roles(case, credential.office)
        if credential.role == "coordinator" and _stands_above(case, credential.office, directory):
            roles.add(Role.COORDINATOR)
    if roles or case.confidential:
        return frozenset(roles)
    return frozenset({Role.STRANGER})


def standing(role: str | None) -> Set[Role]:
    """What the bearer of a token in this role is, whatever the report; None: no token."""
    roles = {Role.ANYBODY}
    if role is not None:
        roles.add(Role.BEARER)
    if role in ("officer", "coordinator"):
        roles.add(Role.OFFICE)
    if role == "coordinator":
        roles.add(Role.DECIDER)
    if role in _ALONE:
        roles.add(_ALONE[role])
    return frozenset(roles)


def may(roles: Set[Role], action: Action) -> bool:
    return not ENTITLED[action].isdisjoint(roles)


def _office_roles(case: Case, office: str) -> set[Role]:
    roles: set[Role] = set()
    if office == case.holder:
        roles |= {Role.HOLDER} if case.confidential else {Role.HOLDER, Role.CORRESPONDENT}
    if office == case.guardian:
        roles.add(Role.GUARDIAN)
    if office in case.former:
        roles.add(Role.FORMER_HOLDER)
    if office == case.offered_to:
        roles.add(Role.OFFERED)
    return roles


def _stands_above(case: Case, office: str, directory: Directory) -> bool:
    """An office that the report is about learns nothing by its rank."""
    if office in case.named:
        return False
    return may_assign(case, office, directory) or directory.is_above(office, case.holder)
