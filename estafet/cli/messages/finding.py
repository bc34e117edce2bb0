"""Looks for messages: in the outboxes, the inboxes, among the deferred ones, and in a report's chain.

Of bodies, nothing but the report that they are about is read, and nothing is answered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from estafet.cli.databases import Databases
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.messages.whereabouts import Committed, Hearing, Message, Setback
from estafet.events import CONTRACTS, contract, ijson
from estafet.settings import SERVICES

#: Keys looked up by one statement.
_AT_ONCE = 1000
_OURS = "/estafet/"
#: (handler, source, id)
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Trace:
    """What was found of ``wanted``, the code of a report or the id of a message; messages in the order of their ids,
    which begin with their time. ``unreachable``: service → why its database cannot be asked.
    """

    wanted: str
    is_report: bool
    messages: Sequence[Message]
    unreachable: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """A message, before its handlers were asked. ``recorded``: the chain has it. ``also``: who has heard of it."""

    id: str
    name: str
    source: str
    committed: Committed | None = None
    recorded: bool = False
    also: tuple[str, ...] = ()

    @property
    def handlers(self) -> tuple[str, ...]:
        try:
            listeners = contract(self.name).listeners
        except KeyError:  # an event that this release does not know
            listeners = ()
        return tuple(dict.fromkeys((*listeners, *self.also)))

    @property
    def publisher(self) -> str:
        return self.source.removeprefix(_OURS)


def trace(databases: Databases, wanted: str) -> Trace:
    """Look for the messages about a report, or for one message.

    Raises:
        Failure: there is neither.
    """
    outline = needs_serve("services.tickets.recording").outline
    code = wanted.strip().upper()
    report = databases.ask("tickets", lambda connection: outline(connection, code))
    is_report = report is not None and report[0] is not None
    found = _of_report(databases, code, *report) if is_report and report else _of_message(databases, wanted)
    if not found:
        raise Failure(_nothing(wanted, databases.unreachable))
    messages = _ask_handlers(databases, found)
    return Trace(code if is_report else wanted, is_report, messages, dict(databases.unreachable))


def _nothing(wanted: str, unreachable: Mapping[str, str]) -> str:
    away = "".join(f" {service} was not asked: {why}" for service, why in unreachable.items())
    return (
        f"There is no report and no message {wanted}, or it came from an app and waits in its queue (estafet queues)."
        f"{away}"
    )


def _of_report(databases: Databases, code: str, correlation: str, chain: Sequence[Any]) -> list[_Found]:
    """The chain's messages, and what it does not have: private ones, and others' that tickets has not handled."""
    lookup = needs_serve("estafet.relay.lookup")
    found = {}
    for entry in chain:
        source = f"{_OURS}{entry.publisher}"
        found[source, entry.id] = _Found(entry.id, entry.name, source, recorded=True)
    for service in SERVICES:
        source = f"{_OURS}{service}"
        chained = [id for publisher, id in found if publisher == source]
        rows = databases.ask(service, partial(lookup.committed, ids=chained)) or []
        recent = databases.ask(service, lambda each: lookup.committed_in(each, correlation)) or []
        for row in (*rows, *(row for row in recent if _subject(row.body) == code)):
            seen = found.get((source, row.id), _Found(row.id, row.name, source))
            found[source, row.id] = replace(seen, committed=_committed(row))
    for service in SERVICES:
        for row in databases.ask(service, lambda each: lookup.deferred_about(each, code)) or []:
            seen = found.get((row.source, row.event_id), _Found(row.event_id, row.name, row.source))
            found[row.source, row.event_id] = replace(seen, also=(*seen.also, row.subscription))
    return sorted(found.values(), key=lambda each: each.id)


def _of_message(databases: Databases, id: str) -> list[_Found]:
    """From the outbox that has it; else, as of an app's, from whoever heard of it."""
    lookup = needs_serve("estafet.relay.lookup")
    for service in SERVICES:
        for row in databases.ask(service, lambda each: lookup.committed(each, [id])) or []:
            return [_Found(id, row.name, f"{_OURS}{service}", _committed(row))]
    return _heard_of(databases, id)


def _heard_of(databases: Databases, id: str) -> list[_Found]:
    lookup = needs_serve("estafet.relay.lookup")
    handlers: dict[str, list[str]] = {}
    for service in SERVICES:
        handled = databases.ask(service, lambda each: lookup.handled(each, id)) or []
        for handler, source, _ in (*_failures(databases, service, [id]), *handled):
            handlers.setdefault(source, []).append(handler)
    return [_Found(id, _only_event(heard), source, also=tuple(heard)) for source, heard in sorted(handlers.items())]


def _only_event(handlers: Collection[str]) -> str:
    """The one event that all of these handlers listen to; "" when it may be one of several."""
    names = [each.name for each in CONTRACTS if set(handlers) <= set(each.listeners)]
    return names[0] if len(names) == 1 else ""


def _ask_handlers(databases: Databases, found: Sequence[_Found]) -> list[Message]:
    hearings: dict[tuple[str, str], list[Hearing]] = {(each.source, each.id): [] for each in found}
    for service in SERVICES:
        own = [(handler, each) for each in found for handler in each.handlers if handler.startswith(f"{service}.")]
        for each, hearing in _hearings(databases, service, own):
            hearings[each.source, each.id].append(hearing)
    unreachable = databases.unreachable
    return [
        Message(
            each.id,
            each.name,
            each.source,
            each.committed,
            tuple(hearings[each.source, each.id]),
            unreachable.get(each.publisher, ""),
        )
        for each in found
    ]


def _hearings(
    databases: Databases, service: str, own: Sequence[tuple[str, _Found]]
) -> Iterator[tuple[_Found, Hearing]]:
    """What a service's handlers know. Failures are read first: a message goes from there to the inbox, never back."""
    inbox = needs_serve("estafet.relay.inbox")
    keys = [(handler, each.source, each.id) for handler, each in own]
    setbacks = _failures(databases, service, {id for _, _, id in keys})
    handled: dict[_Key, Any] = {}
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        handled |= databases.ask(service, partial(inbox.earlier, keys=some)) or {}
    why = databases.unreachable.get(service, "")
    for key, (handler, each) in zip(keys, own, strict=True):
        at = handled[key].handled_at if key in handled else None
        recorded = each.recorded and service == "tickets"
        yield each, Hearing(handler, at, recorded, tuple(setbacks.get(key, ())), why)


def _failures(databases: Databases, service: str, ids: Collection[str]) -> dict[_Key, list[Setback]]:
    """A service's deferred messages by their ids; of one id also those that could not be read, by what they hold."""
    lookup = needs_serve("estafet.relay.lookup")
    found: dict[_Key, list[Setback]] = {}
    for row in databases.ask(service, lambda each: lookup.deferred_as(each, ids)) or []:
        found.setdefault((row.subscription, row.source, row.event_id), []).append(_setback(row))
    for id in ids if len(ids) == 1 else ():
        for row in databases.ask(service, partial(lookup.unreadable, text=id)) or []:
            document = _document(row.body)
            if document.get("id") == id:
                found.setdefault((row.subscription, _source(document), id), []).append(_setback(row))
    return found


def _source(document: Mapping[str, Any]) -> str:
    """Nobody has checked it: what is no source is none."""
    source = document.get("source")
    return source[:255] if isinstance(source, str) and source.isprintable() else ""


def _committed(row: Any) -> Committed:
    return Committed(row.created_at, row.published_at, row.unrouted_at)


def _setback(row: Any) -> Setback:
    return Setback(row.id, row.state, row.error, row.place, row.attempts, row.due_at)


def _subject(body: Any) -> Any:
    return _document(body).get("subject")


def _document(body: Any) -> dict[str, Any]:
    document = ijson.loosely(bytes(body))
    return document if isinstance(document, dict) else {}
