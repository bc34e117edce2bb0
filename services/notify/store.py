"""What notify remembers: the directory, how reports stand, reporters, and what agencies are given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, select, update

from estafet.events import Event
from estafet.relay.among import among
from estafet.relay.upserting import inserting
from estafet.relay.work import Work
from estafet.relay.writing import insert_all
from services.notify.directory import Directory, from_event
from services.notify.tables import directories, packages, reporters, standings


@dataclass(frozen=True, slots=True)
class Contact:
    """The reporter of one ticket. ``repr`` shows nothing of it, so that no log can."""

    name: str | None
    email: str | None
    phone: str | None
    locale: str
    secret: str | None
    erased: bool
    stopped: bool = False
    given_at: datetime | None = None
    telegram: str | None = None

    @property
    def ways(self) -> dict[str, str | None]:
        """What they left, by the names of the fields."""
        return {"email": self.email, "phone": self.phone, "telegram": self.telegram}

    def __repr__(self) -> str:
        return "Contact(...)"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands: the ``ticket`` block of an event about it, and the version that this is of."""

    ticket: Mapping[str, Any]
    version: int | None


# Built once: SQLAlchemy takes longer to build a statement than the database to run it.
_CONTACTS = select(reporters).where(among(reporters.c.ticket, "tickets"))
_ERASED = select(reporters.c.ticket).where(among(reporters.c.ticket, "tickets"), reporters.c.erased_at.is_not(None))
_STANDING = select(standings.c.body, standings.c.version).where(standings.c.ticket == bindparam("of"))
_PACKAGES = select(packages).where(among(packages.c.referral, "referrals"))


def as_json(value: Any) -> str:
    """JSON, with times as RFC 3339."""
    return json.dumps(value, ensure_ascii=False, default=_moment)


def _moment(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def keep_directory(connection: Connection, data: Mapping[str, Any]) -> None:
    """Keep it, unless a newer one is kept."""
    statement = inserting(connection.dialect.name, directories).values(id=1, number=data["number"], body=as_json(data))
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"number": new.number, "body": new.body},
            where=new.number > directories.c.number,
        )
    )


def directory(connection: Connection) -> Directory | None:
    """The directory, read again only when it changed; None: none has arrived.

    The copy in memory belongs to the database connection (``Connection.info``), so it never outlives its database.
    """
    number = connection.scalar(select(directories.c.number))
    known: Directory | None = connection.info.get("directory")
    if number is None or (known and known.number == number):
        return known if number is not None else None
    body = connection.scalar(select(directories.c.body))
    fresh = from_event(json.loads(body or "{}"))
    connection.info["directory"] = fresh
    return fresh


def keep_standings(connection: Connection, events: Iterable[Event]) -> None:
    """Keep how the reports stand after these events, unless something newer is known.

    One statement in the order of the codes, so that two batches cannot wait for each other in a circle.
    """
    newest: dict[str, Event] = {}
    for event in events:
        if event.subject and event.subjectversion and "ticket" in event.data:
            known = newest.get(event.subject)
            if known is None or (known.subjectversion or 0) <= event.subjectversion:
                newest[event.subject] = event
    rows = [
        {"ticket": code, "version": event.subjectversion, "body": as_json(event.data["ticket"])}
        for code, event in sorted(newest.items())
    ]
    if not rows:
        return
    insert_all(connection, _keeping_standings(connection.dialect.name), rows)


@cache
def _keeping_standings(dialect: str) -> Insert:
    statement = inserting(dialect, standings)
    new = statement.excluded
    keeping: Insert = statement.on_conflict_do_update(
        index_elements=["ticket"],
        set_={"version": new.version, "body": new.body},
        where=new.version >= standings.c.version,
    )
    return keeping


def standing(connection: Connection, ticket: str) -> Standing | None:
    """How the report stood when we last heard of it."""
    row = connection.execute(_STANDING, {"of": ticket}).one_or_none()
    return None if row is None else Standing(json.loads(row.body), row.version)


def keep_reporter(work: Work, ticket: str, data: Mapping[str, Any], given_at: datetime) -> None:
    """Keep how to reach the reporter, unless they were erased or something newer is known."""
    statement = _keeping_reporter(work.connection.dialect.name)
    waiting = work.waiting(statement, ticket)
    if waiting is None or waiting["given_at"] <= given_at:
        values = {name: data.get(name) for name in _GIVEN}
        work.later(statement, ticket, {"ticket": ticket, "given_at": given_at, **values})


_GIVEN = ("name", "email", "phone", "telegram", "locale", "secret")


@cache
def _keeping_reporter(dialect: str) -> Insert:
    statement = inserting(dialect, reporters)
    new = statement.excluded
    keeping: Insert = statement.on_conflict_do_update(
        index_elements=["ticket"],
        set_={name: new[name] for name in (*_GIVEN, "given_at")},
        where=reporters.c.erased_at.is_(None) & (reporters.c.given_at <= new.given_at),
    )
    return keeping


def erase_reporter(connection: Connection, ticket: str, now: datetime) -> None:
    """Forget the reporter, and what an agency was yet to be given of them."""
    nothing = {**dict.fromkeys(("name", "email", "phone", "telegram", "secret")), "erased_at": now}
    statement = inserting(connection.dialect.name, reporters).values(ticket=ticket, locale="id", **nothing)
    connection.execute(statement.on_conflict_do_update(index_elements=["ticket"], set_=nothing))
    connection.execute(delete(packages).where(packages.c.ticket == ticket))


def stop_letters(connection: Connection, ticket: str, now: datetime) -> None:
    """The reporter wants no everyday letters about this report; when they first said so stays."""
    stopping = update(reporters).where(reporters.c.ticket == ticket, reporters.c.stopped_at.is_(None))
    connection.execute(stopping.values(stopped_at=now))


def contacts(connection: Connection, tickets: Iterable[str]) -> dict[str, Contact]:
    """Ticket → its reporter, as far as they are known."""
    rows = connection.execute(_CONTACTS, {"tickets": sorted(set(tickets))})
    return {
        row.ticket: Contact(
            row.name,
            row.email,
            row.phone,
            row.locale,
            row.secret,
            row.erased_at is not None,
            row.stopped_at is not None,
            row.given_at,
            row.telegram,
        )
        for row in rows
    }


def erased_among(connection: Connection, tickets: Iterable[str]) -> list[str]:
    """Which of these reports' reporters were erased."""
    wanted = set(tickets)
    return list(connection.scalars(_ERASED, {"tickets": wanted})) if wanted else []


def is_erased(connection: Connection, ticket: str) -> bool:
    return bool(erased_among(connection, [ticket]))


def keep_package(connection: Connection, ticket: str, referral: str, package: Mapping[str, Any]) -> None:
    """Keep what the agency is to be given, until it was."""
    statement = inserting(connection.dialect.name, packages).values(
        referral=referral, ticket=ticket, body=as_json(package)
    )
    connection.execute(statement.on_conflict_do_nothing())


def packages_of(connection: Connection, referrals: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Referral → what the agency is to be given."""
    wanted = sorted(set(referrals))
    rows = connection.execute(_PACKAGES, {"referrals": wanted}) if wanted else ()
    return {row.referral: json.loads(row.body) for row in rows}


def drop_packages(connection: Connection, referrals: Sequence[str]) -> None:
    """They were given, or never can be."""
    if referrals:
        connection.execute(delete(packages).where(packages.c.referral.in_(referrals)))
