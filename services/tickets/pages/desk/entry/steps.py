"""The pages of each step of coming in, and whose turn it is next: a name, a code, what they owe, the form they sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets import learning
from services.tickets.pages import qr
from services.tickets.pages.dates import Calendar
from services.tickets.pages.desk.addresses import BASE, SIGN_IN
from services.tickets.pages.desk.entry.carrying import fields_of
from services.tickets.pages.desk.entry.entrance import Entrance
from services.tickets.pages.visit import Visit
from services.tickets.signin import factor
from services.tickets.signin.accounts import Account
from services.tickets.signin.proving import Prover
from services.tickets.signin.sealing import seal

#: How long each step of coming in may take.
STEP = timedelta(minutes=10)
#: What a telephone's secret is sealed for while it is being set up.
SETTING_UP = "setting up"


class Service(Protocol):
    """What pages of the sign-in need of their service."""

    relay: Works
    key: bytes
    entrance: Entrance


def prover(service: Service, visit: Visit) -> Prover:
    return Prover(service.relay, service.key, visit.request.cookies)


def ask_who(
    service: Service,
    visit: Visit,
    goal: str,
    kept: Mapping[str, str],
    fault: str | None = None,
    status: int = 200,
    waits: datetime | None = None,
) -> Response:
    """The page on which people sign in."""
    facts = {"next": goal, "carried": kept, "city_accounts": service.entrance.city is not None, "here": SIGN_IN}
    return visit.draw("desk/entry/sign-in.html", status, **facts, **said(service, visit, fault, waits))


def said(service: Service, visit: Visit, fault: str | None, waits: datetime | None) -> dict[str, Any]:
    """What was wrong, for a template; and until when nothing is looked at, in the city's time."""
    if waits is None:
        return {"fault": fault, "until": None}
    with service.relay.database.read() as connection:
        city = learning.known(connection)
    calendar = Calendar(visit.words, ZoneInfo(city.timezone if city else "UTC"))
    # A minute that has begun is not over: the page never says too little.
    return {"fault": "waits", "until": calendar.moment(waits + timedelta(seconds=59))}


def go_on(
    service: Service, visit: Visit, account: Account, goal: str, kept: Mapping[str, str], status: int = 200
) -> Response:
    """Somebody is in: first what they owe, then the form that they sent before, else where they wanted to go."""
    owed = service.entrance.owed(account)
    if owed == "password":
        return ask_password(service, visit, account, goal, kept, status=status)
    if owed == "factor":
        return ask_factor(service, visit, account, factor.new_secret(), goal, kept, status=status)
    if kept:
        return visit.draw("desk/entry/again.html", action=goal, fields=fields_of(kept), here=SIGN_IN)
    return visit.go(goal)


def ask_password(
    service: Service,
    visit: Visit,
    account: Account,
    goal: str,
    kept: Mapping[str, str],
    fault: str | None = None,
    waits: datetime | None = None,
    status: int = 200,
) -> Response:
    """The page on which somebody takes a password of their own."""
    facts: dict[str, Any] = {"account": account, "next": goal, "carried": kept, "here": f"{BASE}/account"}
    return visit.draw("desk/entry/password.html", status, **facts, **said(service, visit, fault, waits))


def ask_factor(
    service: Service,
    visit: Visit,
    account: Account,
    secret: str,
    goal: str,
    kept: Mapping[str, str],
    fault: str | None = None,
    status: int = 200,
) -> Response:
    """The page on which a telephone is set up as the second factor."""
    sealed = seal(service.key, SETTING_UP, account.id, secret, service.relay.clock.now() + STEP * 3)
    shown = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    link = factor.link(secret, account.name)
    facts: dict[str, Any] = {"sealed": sealed, "secret": shown, "link": link, "picture": qr.svg(link)}
    facts |= {"next": goal, "carried": kept, "here": f"{BASE}/account/factor", "fault": fault}
    return visit.draw("desk/entry/factor.html", status, owed=service.entrance.owed(account) == "factor", **facts)
