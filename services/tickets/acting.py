"""How every act on a report goes: seen, entitled, decided by a rule, kept; and answered with the new version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from estafet.relay.work import Work, Works
from estafet.web import Answer, Call, api
from services.tickets import custody, notes, views
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, Sight, answered, take
from services.tickets.api import schemas
from services.tickets.api.answers import Acted
from services.tickets.custody import Act, Outcome
from services.tickets.photos import attachments
from services.tickets.photos.darkroom import Photo
from services.tickets.reporters import packaging
from services.tickets.signin import acts
from services.tickets.store import Cases

#: A rule of custody with everything but the report given: it answers what the act makes true.
Rule = Callable[[Sight, Act], Outcome]

#: What any act may be answered with.
PROBLEMS = ("no-token", "not-entitled", "not-found", "mistyped-code", "closed", "resolved")

#: What only the reporter does, whatever token came along.
_REPORTERS = (Action.CONFIRM, Action.OBJECT, Action.CONSENT)


def act(
    path: str, summary: str, auth: str, *problems: str, **declaration: Any
) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Declare ``POST /tickets/<code>/path``, an act that names the version it was decided on."""
    declaration = {"answer": Acted, "body": schemas.Nothing, **declaration}
    return api(
        "POST",
        f"{BASE}/tickets/<code>/{path}",
        summary,
        auth=tuple(auth.split()),
        versioned=True,
        problems=(*PROBLEMS, *problems),
        **declaration,
    )


class Acting:
    """Mix into a class of such endpoints."""

    relay: Works

    def _do(self, call: Call, code: str, action: Action, rule: Rule, note: str | None = None) -> Answer:
        """Act, or raise the problem that says why not. ``note`` is the text of the note that the rule adds."""
        with answered(), self.relay.begin() as work:
            outcome, said = perform(work, take(call, work, code), action, rule, call.version, note)
        return Answer(views.acted(outcome.case, said), version=outcome.case.version)


def perform(
    work: Work,
    sight: Sight,
    action: Action,
    rule: Rule,
    version: int | None,
    note: str | None = None,
    photos: Sequence[Photo] = (),
) -> tuple[Outcome, str | None]:
    """Act on a report that was taken, and keep it; answers what became of it and the id of the event that says so.

    ``photos`` come with the note that the rule adds, or with its resolution.

    Raises:
        Problem: the action is not theirs; the report takes no more photos.
        Refused: the rule says no.
    """
    sight.require(action, version)
    by = None if action in _REPORTERS else sight.office
    outcome = attachments.told(rule(sight, Act(by=by, version=version, now=work.now)), photos)
    events = Cases.of(work).save(outcome)
    if by is not None and sight.token is not None and sight.token.seated:
        acts.keep(work, sight.token.id, outcome.case.code, (each.id for each in events))
    packaging.hand_over(work, outcome, sight.directory)
    if note is not None:
        notes.keep(work, outcome, note)
    attachments.keep(work, outcome, photos)
    return outcome, events[-1].id if events else None


def objection(words: str | None) -> Rule:
    """The reporter objects; what they say to it is a note before it."""

    def rule(sight: Sight, act: Act) -> Outcome:
        objected = custody.object_to(sight.case, act)
        return custody.note(sight.case, act).then(objected) if words else objected

    return rule
