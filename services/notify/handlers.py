"""What notify does with each event: record who is to be told, or remember what it will need to tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from estafet.events import Event
from estafet.relay.errors import Hopeless, NotYet
from estafet.relay.work import Work
from services.notify import deliveries, erasing, store
from services.notify.audience import agency_message, audience
from services.notify.store import Standing
from services.notify.webhooks import hearing

#: (connection, ticket)
Forget = Callable[[Connection, str], None]


def learn(events: Sequence[Event], work: Work) -> None:
    """Once a batch, before ``tell``: how the reports stand now."""
    store.keep_standings(work.connection, events)


def tell(event: Event, work: Work) -> None:
    """Record a delivery for each who must be told, by letter or by webhook. Sending is others' work, after the commit.

    Raises:
        NotYet: the directory, or the report a deadline is about, has not arrived.
        Hopeless: the event names no ticket.
    """
    code = _subject(event)
    directory = work.once(store.directory, lambda: store.directory(work.connection))
    if directory is None:
        raise NotYet("the city's directory has not arrived: run `estafet city load`")
    # A deadline carries no ticket: it names the version its clock was set at, and tells of the one that stands.
    own = event.data.get("ticket")
    standing = Standing(own, event.subjectversion) if own else _standing(work, code)
    ticket = standing.ticket
    messages = audience(event.name, event.data, ticket, directory)
    deliveries.create(work, event, messages, ticket["category"], ticket["confidential"], standing.version)
    hearing.hear(event, work, ticket)


def remember(event: Event, work: Work, forget: Forget) -> None:
    """Keep what is needed to tell: contacts, packages for agencies, the directory.

    ``forget`` removes our own copies of what was written about a report whose reporter is erased.
    """
    if event.name == "directory.published":
        store.keep_directory(work.connection, event.data)
        work.forget(store.directory)
    elif event.name == "reporter.given":
        store.keep_reporter(work, _subject(event), event.data, event.time)
    elif event.name == "reporter.erased":
        erasing.erase(work, _subject(event))
        forget(work.connection, _subject(event))
    elif event.name == "referral.packaged":
        _pack(event, work)
    else:
        raise Hopeless(f"{event.name} is nothing notify remembers")


def _pack(event: Event, work: Work) -> None:
    code = _subject(event)
    ticket = _standing(work, code).ticket
    if store.is_erased(work.connection, code):
        return
    store.keep_package(work.connection, code, event.data["referral"], event.data["package"])
    messages = [] if event.data["agency"] in ticket["named"] else [agency_message(event.data)]
    deliveries.create(work, event, messages, ticket["category"], ticket["confidential"], event.subjectversion)


def _standing(work: Work, code: str) -> Standing:
    """How the report stood when we last heard of it.

    Raises:
        NotYet: we have not.
    """
    known = store.standing(work.connection, code)
    if known is None:
        raise NotYet("the report this is about has not arrived")
    return known


def _subject(event: Event) -> str:
    if not event.subject:
        raise Hopeless(f"{event.name} without a subject: it is about no ticket")
    return event.subject
