"""Finding a reporter: all their reports, and messages of theirs that could not be handled."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from estafet.events import ijson
from estafet.relay.tables import deferred
from services.tickets import codes, learning
from services.tickets.codes import Mistyped
from services.tickets.reporters import contact
from services.tickets.tables import chain, reporters, texts, tickets

#: Of a number, so many digits at its end are compared by the database; the rest is compared here.
_COMPARED = 6
#: Characters from which on a text tells whose it is.
_TELLING = 20


@dataclass(frozen=True, slots=True)
class Report:
    code: str
    status: str
    erased_at: datetime | None

    @property
    def open(self) -> bool:
        return self.status != "closed"


@dataclass(frozen=True, slots=True)
class Found:
    """A reporter: their reports, the keys of their addresses and numbers, and messages that could not be handled."""

    reports: tuple[Report, ...]
    keys: frozenset[str]
    #: Ids in ``deferred``.
    unhandled: tuple[str, ...]

    @property
    def left(self) -> tuple[Report, ...]:
        """Those not yet erased."""
        return tuple(each for each in self.reports if each.erased_at is None)


def find(connection: Connection, given: str) -> Found:
    """The reporter named by an email address, a phone number, a chat (``telegram:123456789``), or the code of one of
    their reports.

    Raises:
        LookupError: it is none of these. The message says so, without repeating it.
    """
    code = _code(connection, given)
    keys = _contacts(connection, [code]) if code else {_key(given)}
    known = {code} if code else set()
    known |= _reports_of(connection, keys)
    wanted = select(tickets.c.code, tickets.c.status, tickets.c.erased_at).where(tickets.c.code.in_(known))
    rows = connection.execute(wanted.order_by(tickets.c.code)).all()
    reports = tuple(Report(*row) for row in rows)
    return Found(reports, frozenset(keys), tuple(_unhandled(connection, keys, known)))


def found_in(connection: Connection, reports: Sequence[Report]) -> Found:
    """The reporters of just these reports, with the messages that could not be handled and say the same."""
    return Found(tuple(reports), frozenset(), tuple(_unhandled(connection, set(), {each.code for each in reports})))


def _code(connection: Connection, given: str) -> str | None:
    directory = learning.known(connection)
    if directory is None or "@" in given:
        return None
    try:
        code = codes.read(given, directory.code_prefix)
    except Mistyped:
        return None
    return connection.execute(select(tickets.c.code).where(tickets.c.code == code)).scalar_one_or_none()


def _key(given: str) -> str:
    found = contact.keys_in(given)
    if len(found) != 1:
        raise LookupError(
            "Name the reporter by an email address, a phone number, a chat as telegram:123456789, "
            "or the code of one of their reports."
        )
    return found.pop()


def _contacts(connection: Connection, some: Sequence[str]) -> set[str]:
    wanted = select(reporters.c.email, reporters.c.phone, reporters.c.telegram)
    rows = connection.execute(wanted.where(reporters.c.code.in_(some))).all()
    keys = {contact.email_key(row.email) for row in rows if row.email}
    keys |= {contact.phone_key(row.phone) for row in rows if row.phone}
    return keys | {contact.telegram_key(row.telegram) for row in rows if row.telegram}


def _reports_of(connection: Connection, keys: Collection[str]) -> set[str]:
    found: set[str] = set()
    for key in keys:
        if "@" in key:
            same = select(reporters.c.code).where(func.lower(reporters.c.email) == key)
            found |= set(connection.execute(same).scalars())
            continue
        if chat := contact.chat_of(key):
            found |= set(connection.execute(select(reporters.c.code).where(reporters.c.telegram == chat)).scalars())
            continue
        ending = "%".join(key[-_COMPARED:])
        alike = select(reporters.c.code, reporters.c.phone).where(reporters.c.phone.like(f"%{ending}"))
        found |= {row.code for row in connection.execute(alike) if contact.phone_key(row.phone) == key}
    return found


def _unhandled(connection: Connection, keys: Set[str], known: Collection[str]) -> list[str]:
    """Reports that came by event and hold one of the keys or the text of one of the reports, or became one of them."""
    opened, wrote = _submissions(connection, known), _wrote(connection, known)
    wanted = select(deferred.c.id, deferred.c.source, deferred.c.event_id, deferred.c.body)
    found = []
    for row in connection.execute(wanted.where(deferred.c.subscription == "tickets.submit")):
        told = _text(bytes(row.body))
        theirs = not keys.isdisjoint(contact.keys_in(told)) or any(each in told for each in wrote)
        if theirs or (row.source, row.event_id) in opened:
            found.append(row.id)
    return found


def _wrote(connection: Connection, known: Collection[str]) -> list[str]:
    """The texts of the reports, as they stand in JSON and outside of it; so short that others say the same, none."""
    found = connection.execute(select(texts.c.text).where(texts.c.code.in_(known))).scalars()
    long_enough = [each for each in found if len(each) >= _TELLING]
    return [*long_enough, *(json.dumps(each, ensure_ascii=False)[1:-1] for each in long_enough)]


def _submissions(connection: Connection, known: Collection[str]) -> set[tuple[str, str]]:
    """(source, id) of the events by which the reports came."""
    said = select(chain.c.body).where(chain.c.code.in_(known), chain.c.name == "report.accepted")
    given = [json.loads(body)["data"]["submission"] for body in connection.execute(said).scalars()]
    return {(each["source"], each["id"]) for each in given if each}


def _text(body: bytes) -> str:
    """As people would read it: without JSON's escapes, where it is JSON."""
    document = ijson.loosely(body)
    return body.decode("utf-8", "replace") if document is None else json.dumps(document, ensure_ascii=False)
