"""Messages that could not be handled: seen in groups, shown whole, replayed or discarded, always with who and why."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from estafet.cli.connection import Command
from estafet.cli.databases import database_of
from estafet.cli.failure import Failure, needs_serve
from estafet.cli.messages.bulk import Steps, walk
from estafet.cli.messages.deciding import DONE, decide_on, decider, facts, may_be_personal, shown
from estafet.cli.options import of_service, with_why
from estafet.cli.terminal import console
from estafet.settings import SERVICES, from_environment

#: Of a group; the id is that of one of its messages.
_GROUP = ("count", "subscription", "error", "place", "state", "first_at", "last_at", "example")
_COLUMNS = ("id", "subscription", "name", "subject", "state", "error", "attempts", "last_at", "due_at")


@dataclass(frozen=True, slots=True)
class Which:
    """Which messages a person decides on."""

    ids: tuple[str, ...]
    like: str | None
    error: str | None
    every: bool

    def check(self) -> None:
        """Raises Failure: not in exactly one way."""
        if (bool(self.ids), self.like is not None, self.error is not None, self.every).count(True) != 1:
            raise Failure("Say which: the IDS of messages, or --like ID, or --error ERROR, or --all.")


def with_which(command: Command) -> Command:
    """The command is given ``which`` messages are meant."""

    @click.argument("ids", nargs=-1)
    @click.option("--like", metavar="ID", help="All dead ones of this one's subscription, error and place.")
    @click.option("--error", metavar="ERROR", help="All dead ones of this error.")
    @click.option("--all", "every", is_flag=True, help="All dead ones.")
    @functools.wraps(command)
    def wrapped(ids: tuple[str, ...], like: str | None, error: str | None, every: bool, **rest: Any) -> Any:
        return command(which=Which(ids, like, error, every), **rest)

    return wrapped


@click.group("deferred")
def deferred_command() -> None:
    """Messages that wait for another attempt, or are dead."""


@deferred_command.command("list")
@of_service
@click.option("--state", type=click.Choice(["waiting", "dead", "replayed", "discarded"]))
@click.option("--groups", is_flag=True, help="By (subscription, error, place): what waits or is dead.")
def deferred_list(service: str | None, state: str | None, groups: bool) -> None:
    """List them, one a line; or, with --groups, those that failed alike together."""
    columns = _GROUP if groups else _COLUMNS
    table = Table("service", *columns, box=None)
    for name, database in _databases(service):
        with database.read() as connection:
            rows = _triage().groups(connection) if groups else _triage().listing(connection, state)
        for row in rows:
            if state in (None, row.state):
                cells = (getattr(row, each) for each in columns)
                table.add_row(name, *("-" if cell is None else escape(str(cell)) for cell in cells))
    console.print(table if table.row_count else "Nothing is deferred.")


@deferred_command.command("show")
@click.argument("id")
@of_service
@click.option("--body", "bare", is_flag=True, help="Also the body of a message that may hold what a citizen wrote.")
def deferred_show(id: str, service: str | None, bare: bool) -> None:
    """Show one whole: where it failed, how, and its body.

    Of a report, and of a message with a contact, the body is kept, so that it can be replayed, but shown only if asked
    for by --body: what is on a screen is soon in a ticket, too.
    """
    name, row = _find(id, service)
    console.print(f"service       {name}", markup=False)
    for fact, value in facts(row):
        console.print(f"{fact:<14}{value}", markup=False)
    console.print(f"body          {len(row.body)} bytes", markup=False)
    if not bare and may_be_personal(row):
        console.print("              (may hold what a citizen wrote: --body shows it)")
        return
    console.print(shown(row), markup=False)


@deferred_command.command("replay")
@with_which
@of_service
@with_why
def deferred_replay(which: Which, **decision: Any) -> None:
    """Try messages again, now: those with IDS, those that failed alike, or all dead ones."""
    _end("replay", which, **decision)


@deferred_command.command("discard")
@with_which
@of_service
@with_why
def deferred_discard(which: Which, **decision: Any) -> None:
    """Give messages up: those with IDS, those that failed alike, or all dead ones. Their bytes are kept."""
    _end("discard", which, **decision)


def _end(act: str, which: Which, service: str | None, who: str, why: str) -> None:
    which.check()
    decide, done = decider(act, who, why), DONE[act]
    if which.ids:
        _end_each(decide, done, which.ids, service)
    elif groups := list(_groups(which, service)):
        _end_groups(decide, done, groups)
    else:
        console.print(f"Nothing is dead as {which.error}." if which.error else "Nothing is dead.", markup=False)


def _end_each(decide: Callable[..., int], done: str, ids: Sequence[str], service: str | None) -> None:
    for id in ids:
        name, _ = _find(id, service)
        _, database = next(_databases(name))
        if not decide_on(database, id, decide):
            raise Failure(f"{id} is as it was: it cannot be {done} now. See: estafet deferred show {id}")
        console.print(f"{done} {id} ({name})", markup=False)


def _end_groups(decide: Callable[..., int], done: str, groups: Sequence[tuple[str, Any, Any]]) -> None:
    """So many at once that no other waits long for their locks, and that what is done stays done when it is stopped."""
    with Steps(done, sum(group.count for _, _, group in groups)) as steps:
        for name, database, group in groups:
            changed = 0
            for ended, seen in walk(database, group, decide):
                changed += ended
                steps.advance(seen)
            steps.say(f"{done} {changed} ({name})")


def _groups(which: Which, service: str | None) -> Iterator[tuple[str, Any, Any]]:
    """(service, its database, a group of dead messages)."""
    like: tuple[str, ...] | None = None
    if which.like is not None:
        service, row = _find(which.like, service)
        like = (row.subscription, row.error, row.place)
    for name, database in _databases(service):
        with database.read() as connection:
            groups = _triage().groups(connection)
        for group in groups:
            alike = like is None or like == (group.subscription, group.error, group.place)
            if group.state == "dead" and alike and which.error in (None, group.error):
                yield name, database, group


def _find(id: str, service: str | None) -> tuple[str, Any]:
    for name, database in _databases(service):
        with database.read() as connection:
            try:
                return name, _triage().show(connection, id)
            except LookupError:
                continue
    raise Failure(f"There is no deferred message {id}. See: estafet deferred list")


def _databases(service: str | None) -> Iterator[tuple[str, Any]]:
    settings = from_environment()
    if service is None and settings.one_database:
        raise Failure("ESTAFET_DATABASE_URL names one service's database: say whose, with --service.")
    for name in SERVICES if service is None else (service,):
        yield name, database_of(settings, name)


def _triage() -> Any:
    return needs_serve("estafet.relay.triage")
