"""The city's directory, learned from what routing publishes."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select

from estafet.events import Event
from estafet.events.routing import DirectoryPublished
from estafet.relay.errors import NotYet
from estafet.relay.upserting import inserting
from estafet.relay.work import Work
from services.tickets.directory import Directory
from services.tickets.tables import directory as table

_PUBLISHED = DirectoryPublished()
_NUMBER = select(table.c.number)

#: Of each database, the directory parsed last: it changes once in months, and is asked for with every request.
_parsed: WeakKeyDictionary[Engine, Directory] = WeakKeyDictionary()


def learn(event: Event, work: Work) -> None:
    """``directory.published``: keep it, unless a newer one is known."""
    document = _PUBLISHED.dump(event.data)
    inserted = inserting(work.connection.dialect.name, table).values(
        one=1, number=event.data["number"], document=document
    )
    work.connection.execute(
        inserted.on_conflict_do_update(
            index_elements=[table.c.one],
            set_={"number": inserted.excluded.number, "document": inserted.excluded.document},
            where=inserted.excluded.number > table.c.number,
        )
    )
    work.forget(needed_by)


def known(connection: Connection) -> Directory | None:
    """The newest directory, or None before the first."""
    number = connection.execute(_NUMBER).scalar_one_or_none()
    if number is None:
        return None
    directory = _parsed.get(connection.engine)
    if directory is None or directory.number != number:
        directory = Directory.of(connection.execute(select(table.c.document)).scalar_one())
        _parsed[connection.engine] = directory
    return directory


def needed(connection: Connection) -> Directory:
    """The newest directory.

    Raises:
        NotYet: routing has not published one.
    """
    directory = known(connection)
    if directory is None:
        raise NotYet("no directory yet: load a city with `estafet city load`")
    return directory


def needed_by(work: Work) -> Directory:
    """The newest directory, asked for once in a unit of work.

    Raises:
        NotYet: routing has not published one.
    """
    return work.once(needed_by, lambda: needed(work.connection))
