"""What is offered over HTTP: every endpoint of every service is here, with the action one must be entitled to.

Who may is in :mod:`.permissions`. What is opened by something else than a token or a report's key stands apart: by a
link, a provider's signature, a password, or a seat at a desk.
"""

from __future__ import annotations

from dataclasses import dataclass

from estafet.settings import SERVICES
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import BASE, refusal
from services.tickets.open311.answering import BASE as OPEN311

#: By what something is offered, beside the API: pages for people to look at, pages that somebody signs in for, Open311.
PAGE, DESK, GEOREPORT = "page", "desk", "Open311"


@dataclass(frozen=True, slots=True)
class Right:
    """Something that is offered over HTTP.

    Attributes:
        what: what one does with it.
        part: the field of the answer that only the entitled get; None: the whole answer is theirs or not.
        by: ``page``, ``desk`` or ``Open311``; None: the API.
        services: which of them offer it.
    """

    what: str
    action: Action
    endpoint: str
    part: str | None = None
    by: str | None = None
    services: tuple[str, ...] = ("tickets",)

    @property
    def name(self) -> str:
        return f"{self.what}, by {self.by}" if self.by else self.what

    @property
    def of_report(self) -> bool:
        return any(each in self.endpoint for each in ("/tickets/<code>", "/t/<code>")) or self.action is Action.ANSWER

    @property
    def page(self) -> bool:
        """Whether it is for people to look at. To pages a token is nothing: only the report's key opens more."""
        return self.by == PAGE

    @property
    def desk(self) -> bool:
        """Whether it is for somebody at a desk, who is what their account says; a token or a key is nothing there."""
        return self.by == DESK

    @property
    def open311(self) -> bool:
        return self.by == GEOREPORT

    @property
    def refusal(self) -> str:
        """The problem that a known person is answered with who is not entitled."""
        return refusal(self.action).kind.slug


def _read(what: str, action: Action, path: str = "", part: str | None = None) -> Right:
    return Right(what, action, f"GET {BASE}/tickets/<code>{path}", part)


def _act(what: str, action: Action, path: str) -> Right:
    return Right(what, action, f"POST {BASE}/tickets/<code>/{path}")


def _open311(what: str, action: Action, path: str, method: str = "GET") -> Right:
    return Right(what, action, f"{method} {OPEN311}/{path}.<format>", by=GEOREPORT)


def _page(what: str, action: Action, endpoint: str) -> Right:
    return Right(what, action, endpoint, by=PAGE)


def _desk(what: str, action: Action, path: str = "", part: str | None = None, method: str = "GET") -> Right:
    return Right(what, action, f"{method} /desk{path}", part, by=DESK)


def _act_at_desk(what: str, action: Action, path: str = "<act>") -> Right:
    return _desk(what, action, f"/t/<code>/{path}", method="POST")


def _city(what: str, action: Action, path: str, part: str | None = None) -> Right:
    return Right(what, action, f"GET {BASE}/{path}", part)


RIGHTS = (
    Right("submit a report", Action.SUBMIT, f"POST {BASE}/reports"),
    _read("read the public view", Action.PUBLIC_VIEW),
    _read("read text and handoffs", Action.FULL_VIEW, part="text"),
    _read("read hidden notes", Action.INTERNAL_NOTES, part="hidden note"),
    _read("read the contact", Action.CONTACT, part="contact"),
    _read("read the chain", Action.PUBLIC_VIEW, "/chain"),
    _read("read what is in its messages", Action.FULL_VIEW, "/chain", part="body"),
    _read("verify the chain", Action.PUBLIC_VIEW, "/chain/verify"),
    _read("watch a handoff", Action.FULL_VIEW, "/handoffs/<id>"),
    _read("read a referral's package", Action.PACKAGE, "/referrals/<id>/package"),
    _read("read who reported, in it", Action.PACKAGE_IDENTITY, "/referrals/<id>/package", part="name"),
    _act("accept", Action.ACCEPT, "accept"),
    _act("refuse", Action.REFUSE, "refuse"),
    _act("request a handoff", Action.REQUEST, "handoffs"),
    _act("withdraw", Action.WITHDRAW, "withdraw"),
    _act("convene", Action.RETURN, "convene"),
    _act("assign", Action.ASSIGN, "assign"),
    _act("pause", Action.PAUSE, "pause"),
    _act("resolve", Action.RESOLVE, "resolve"),
    _act("refer", Action.REFER, "referrals"),
    _act("record an agency's answer", Action.REFER, "referrals/<id>/answer"),
    _act("add a note", Action.NOTE, "notes"),
    _act("add a hidden note", Action.HIDDEN_NOTE, "notes"),
    _act("add photos", Action.NOTE, "attachments"),
    _read("see a photo", Action.FULL_VIEW, "/attachments/<id>"),
    _act("confirm", Action.CONFIRM, "confirm"),
    _act("object", Action.OBJECT, "object"),
    _act("consent", Action.CONSENT, "consent"),
    _act("rate how it was handled", Action.RATE, "rating"),
    _read("read the rating", Action.RATING, "/rating"),
    _city("read one's desk", Action.DESK, "desk"),
    _city("read what awaits a coordinator", Action.DESK_CONVENED, "desk"),
    _city("list offices", Action.CITY, "offices"),
    _city("read an office", Action.CITY, "offices/<code>"),
    _city("read how much it holds", Action.LOAD, "offices/<code>", part="held"),
    _city("list categories", Action.CITY, "services"),
    _city("read the public board", Action.CITY, "board"),
    Right("read it as a table", Action.CITY, "GET /board.csv"),
    _city("read the directory", Action.CITY, "directory"),
    _open311("find the interface", Action.CITY, "discovery"),
    _open311("list categories", Action.CITY, "services"),
    _open311("read a category", Action.CITY, "services/<name>"),
    _open311("list reports", Action.LISTED, "requests"),
    _open311("read a report", Action.LISTED, "requests/<name>"),
    _open311("ask for a token's report", Action.LISTED, "tokens/<name>"),
    _open311("submit a report", Action.SEND, "requests", "POST"),
    _open311("follow what one sent", Action.FOLLOW, "servicerequestupdates"),
    _open311("answer to it", Action.ANSWER, "servicerequestupdates", "POST"),
    _page("see the front page", Action.CITY, "GET /"),
    _page("see the public board", Action.CITY, "GET /board"),
    _page("load a file", Action.CITY, "GET /static/<name>"),
    _page("see the form", Action.SUBMIT, "GET /report"),
    _page("submit a report", Action.SUBMIT, "POST /report"),
    _page("follow a report", Action.PUBLIC_VIEW, "GET /t/<code>"),
    _page("see what is new of it", Action.PUBLIC_VIEW, "GET /t/<code>/now"),
    _page("be told when there is something", Action.PUBLIC_VIEW, "GET /t/<code>/events"),
    _page("open it with its key", Action.RECEIPT, "POST /t/<code>/open"),
    _page("see the receipt", Action.RECEIPT, "GET /t/<code>/receipt"),
    _page("see a photo", Action.FULL_VIEW, "GET /t/<code>/photo/<id>"),
    _page("reply", Action.NOTE, "POST /t/<code>/note"),
    _page("confirm", Action.CONFIRM, "POST /t/<code>/confirm"),
    _page("object", Action.OBJECT, "POST /t/<code>/object"),
    _page("see how to rate it", Action.RATE, "GET /t/<code>/rate"),
    _page("rate it", Action.RATE, "POST /t/<code>/rate"),
    _page("consent", Action.CONSENT, "POST /t/<code>/consent"),
    _page("forget the key", Action.CITY, "POST /leave"),
    _page("see how to sign in", Action.CITY, "GET /desk/sign-in"),
    _page("leave the desk", Action.CITY, "POST /desk/leave"),
    _desk("see one's desk", Action.DESK),
    _desk("see what awaits a coordinator", Action.DESK_CONVENED),
    _desk("be told when it changes", Action.DESK, "/events"),
    _desk("see a report", Action.PUBLIC_VIEW, "/t/<code>"),
    _desk("see text and handoffs", Action.FULL_VIEW, "/t/<code>", part="text"),
    _desk("see hidden notes", Action.INTERNAL_NOTES, "/t/<code>", part="hidden note"),
    _desk("see the contact", Action.CONTACT, "/t/<code>", part="contact"),
    _desk("be told when there is something", Action.PUBLIC_VIEW, "/t/<code>/events"),
    _act_at_desk("look what a handoff would come to", Action.REQUEST, "check"),
    _act_at_desk("look what a refusal would come to", Action.REFUSE, "check"),
    _act_at_desk("accept", Action.ACCEPT),
    _act_at_desk("refuse", Action.REFUSE),
    _act_at_desk("request a handoff", Action.REQUEST),
    _act_at_desk("withdraw", Action.WITHDRAW),
    _act_at_desk("convene", Action.RETURN),
    _act_at_desk("assign", Action.ASSIGN),
    _act_at_desk("pause", Action.PAUSE),
    _act_at_desk("resolve", Action.RESOLVE),
    _act_at_desk("refer", Action.REFER),
    _act_at_desk("record an agency's answer", Action.REFER),
    _act_at_desk("add a note", Action.NOTE),
    _act_at_desk("add a hidden note", Action.HIDDEN_NOTE),
    _act_at_desk("ask the reporter", Action.NOTE),
    Right("read the API's description", Action.CITY, "GET /api/v1/openapi.json", services=SERVICES),
    Right("read what events look like", Action.CITY, "GET /contracts"),
    Right("read what tickets sends", Action.CITY, "GET /contracts/asyncapi.yaml"),
    Right("read what a service sends", Action.CITY, "GET /contracts/asyncapi/<party>.yaml"),
    Right("read an event's schema", Action.CITY, "GET /contracts/schemas/<event>.json"),
    Right("ask whether it lives", Action.PROBE, "GET /healthz", services=SERVICES),
    Right("ask whether it is ready", Action.PROBE, "GET /readyz", services=SERVICES),
    Right("read its numbers", Action.PROBE, "GET /metrics", services=SERVICES),
)

#: What a link of ours opens to whoever has it, whatever else they show; and to nobody without it: 404 ``not-found``.
BY_LINK = frozenset(
    ("notify", endpoint)
    for endpoint in (
        "GET /preferences/<token>",
        "PUT /preferences/<token>",
        "GET /preferences/<token>/page",
        "POST /preferences/<token>/page",
        "GET /feed/<token>",
        "GET /letters/stop/<code>/<token>",
        "POST /letters/stop/<code>/<token>",
    )
)
#: What a provider of messages says with its own token or signature, good for nothing else; without it: 401
#: ``wrong-token``.
BY_PROVIDERS = frozenset(
    ("notify", endpoint)
    for endpoint in (
        "POST /callbacks/<provider>",
        "POST /callbacks/<provider>/twilio/<id>",
        "POST /callbacks/<provider>/meta",
        "GET /callbacks/<provider>/meta",
    )
)
#: What a name and its password open, a code besides, or the city's identity provider, whatever else is shown; else it
#: is a page: 403, or 404 where the city has no provider.
BY_PASSWORD = frozenset(
    ("tickets", endpoint)
    for endpoint in (
        "POST /desk/sign-in",
        "POST /desk/sign-in/code",
        "POST /desk/sign-in/again",
        "GET /desk/sign-in/city",
        "GET /desk/sign-in/city/back",
    )
)
#: Pages for whoever signed in at a desk, which show what the rows above entitle them to; others sign in first.
BY_SEAT: frozenset[tuple[str, str]] = frozenset(
    ("tickets", f"{method} /desk/{path}")
    for method, path in (
        ("POST", "accept"),
        ("GET", "t/<code>/photo/<id>"),
        ("GET", "convened"),
        ("GET", "convened.csv"),
        ("POST", "convened/<code>/assign"),
        ("GET", "flows"),
        ("GET", "flows.csv"),
        ("GET", "overdue"),
        ("GET", "overdue.csv"),
        ("GET", "account"),
        ("GET", "account/factor"),
        ("POST", "account/factor"),
        ("POST", "account/factor/off"),
        ("GET", "account/password"),
        ("POST", "account/password"),
        ("POST", "account/others"),
    )
)
#: What those pages alone are about. (``tests/integration/tickets/pages/coordinator`` asks who sees what.)
OF_SEATS = frozenset({Action.ALL_CONVENED, Action.OWN_SUMS, Action.SUMS})
