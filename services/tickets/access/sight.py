"""Who asks, for which report, and what they are to it: settled the same way for every endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from estafet.relay.errors import NotYet
from estafet.relay.work import Work
from estafet.web import PROBLEMS, Call, Problem
from services.tickets import codes, learning, store
from services.tickets.access import entitlement, tokens
from services.tickets.access.entitlement import ENTITLED, Action, Credential, Role
from services.tickets.access.tokens import Token
from services.tickets.codes import Mistyped
from services.tickets.custody import Case, Refused
from services.tickets.directory import Directory
from services.tickets.reporters import secrets
from services.tickets.store import Cases, Found

#: Where the API lives.
BASE = "/api/v1"
#: As how many requests more one counts that named a report there is not, or a wrong secret: codes are not for guessing.
MISS = 20
SECRET_HEADER = "Estafet-Secret"  # noqa: S105  (the header's name)

#: What is said to somebody who plays none of the roles an action needs, by those roles.
_NOT_YOURS = {
    frozenset({Role.HOLDER}): ("not-holder", "Only the office that holds the report can do this. See who holds it."),
    frozenset({Role.OFFERED}): (
        "not-offered-to-you",
        "The report is not offered to your office. Look at your desk for what is.",
    ),
    frozenset({Role.COORDINATOR}): (
        "not-coordinator",
        "Only a coordinator above the holder can do this, with a coordinator's token.",
    ),
    ENTITLED[Action.CONFIRM]: ("not-entitled", f"Only the reporter can do this: send {SECRET_HEADER}."),
    ENTITLED[Action.CONSENT]: ("not-entitled", f"Only the reporter can do this: send {SECRET_HEADER}."),
    ENTITLED[Action.RATING]: ("not-entitled", "Ratings are read by their reporters, auditors and coordinators above."),
    ENTITLED[Action.HIDDEN_NOTE]: ("not-entitled", "Only an office that sees the report can hide a note."),
    frozenset({Role.OFFICE}): ("not-entitled", "The token belongs to no office. Use an officer's token."),
    frozenset({Role.DECIDER}): ("not-entitled", "What is before a coordinator is for a coordinator's token."),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """A report as somebody may see it."""

    case: Case
    directory: Directory
    token: Token | None
    roles: Set[Role]
    #: Whether a token or the report's secret was shown at all.
    known: bool
    #: Entries of its chain when it was read.
    length: int
    #: When an office said last that it is done; None also: not noted.
    resolved_at: datetime | None

    def may(self, action: Action) -> bool:
        return entitlement.may(self.roles, action)

    def require(self, action: Action, version: int | None = None) -> None:
        """Go on only if the action is theirs to try.

        Raises:
            Problem: ``stale`` before all, if they may read along and decided on another version; else why not.
        """
        if self.may(action):
            return
        if not self.known:
            raise Problem("no-token", "Send your office's token, or the report's secret.")
        if version not in (None, self.case.version) and self.may(Action.FULL_VIEW):
            raise Problem("stale", f"The report is at version {self.case.version}. Read it again, then decide.")
        raise refusal(action)

    @property
    def office(self) -> str | None:
        """The office that acts; None: the reporter does."""
        return None if self.roles <= {Role.REPORTER, Role.SENDER} or self.token is None else self.token.office


def refusal(action: Action) -> Problem:
    """What somebody is answered who is known, and not entitled to the action."""
    slug, sentence = _NOT_YOURS.get(ENTITLED[action], ("not-entitled", "Your token does not open this report."))
    return Problem(slug, sentence)


@contextmanager
def answered() -> Iterator[None]:
    """What the rules and the store refuse, as problems."""
    try:
        yield
    except Refused as refused:
        slug = refused.slug if refused.slug in PROBLEMS else "conflict"
        errors = [(refused.field, refused.sentence)] if refused.field else []
        raise Problem(slug, refused.sentence, errors) from refused
    except NotYet as error:
        raise Problem("unavailable", f"{error}.", headers={"Retry-After": "1"}) from error


def token_of(call: Call, connection: Connection, now: datetime) -> Token | None:
    """The caller's token; None without one.

    Raises:
        Problem: ``wrong-token``.
    """
    text = call.token
    if text is None:
        return None
    token = tokens.find(connection, text, now)
    call.request.recognize(good=token is not None)
    if token is None:
        raise Problem("wrong-token", "The token is unknown, revoked or expired. Ask whoever issues them for a new one.")
    return token


def office_of(call: Call, connection: Connection, now: datetime, action: Action) -> str:
    """The office that the caller's token acts for, if its role is entitled to the action."""
    token = token_of(call, connection, now)
    if token is None:
        raise Problem("no-token", "Send the header: Authorization: Bearer est_...")
    if token.office is None or not entitlement.may(entitlement.standing(token.role), action):
        raise refusal(action)
    return token.office


def read_code(text: str, directory: Directory) -> str:
    """The code that somebody meant, as it is written.

    Raises:
        Problem: ``mistyped-code``.
    """
    try:
        return codes.read(text, directory.code_prefix)
    except Mistyped as error:
        raise Problem("mistyped-code", str(error)) from error


def look(call: Call, connection: Connection, text: str, now: datetime) -> Sight:
    """A report to read."""
    return look_as(token_of(call, connection, now), connection, text, _secret_of(call))


def look_as(token: Token | None, connection: Connection, text: str, secret: str | None = None) -> Sight:
    """A report to read, by the bearer of a token that was looked up before: somebody at a desk, say.

    Raises:
        Problem: ``not-found``, ``mistyped-code``; ``wrong-token``, when the secret is another's and the report public.
    """
    directory = learning.needed(connection)
    return _sight(store.read(connection, read_code(text, directory)), directory, token, secret)


def look_with(secret: str | None, connection: Connection, text: str) -> Sight:
    """A report to read, by somebody who has nothing but its secret, or not even that. Raises as :func:`look_as`."""
    return look_as(None, connection, text, secret)


def take(call: Call, work: Work, text: str) -> Sight:
    """A report to act on: locked until the end of the unit of work."""
    return take_as(token_of(call, work.connection, work.now), work, text, _secret_of(call))


def take_as(token: Token | None, work: Work, text: str, secret: str | None = None) -> Sight:
    """The same for the bearer of a token that was looked up before."""
    directory = learning.needed_by(work)
    return _sight(Cases.of(work).find(read_code(text, directory)), directory, token, secret)


def take_with(secret: str | None, work: Work, text: str) -> Sight:
    """The same for somebody who has nothing but its secret."""
    return take_as(None, work, text, secret)


def _secret_of(call: Call) -> str | None:
    return call.request.headers.get(SECRET_HEADER)


def _sight(found: Found | None, directory: Directory, token: Token | None, secret: str | None) -> Sight:
    if found is None:
        raise _nothing()
    case, app = found.case, found.row["app"]
    credential = Credential(
        reporter=secret is not None and _is_secret(found, secret),
        role=token.role if token else None,
        office=token.office if token else None,
        sender=token is not None and token.app is not None and token.app == app,
    )
    roles = entitlement.roles_of(case, directory, credential)
    if not roles:
        raise _nothing()  # the same answer as if there were none: a confidential report does not show that it exists
    known = token is not None or credential.reporter
    return Sight(case, directory, token, roles, known, found.row["chain_length"], found.row["resolved_at"])


def _is_secret(found: Found, secret: str) -> bool:
    if secrets.matches(secret, found.row["secret_hash"]):
        return True
    if found.case.confidential:
        return False
    raise Problem("wrong-token", "The secret does not belong to this report. Look at the message that brought it.")


def _nothing() -> Problem:
    return Problem("not-found", "There is no report with this code.")
