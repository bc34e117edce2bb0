"""The city's directory, learned from what routing publishes."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, and_, or_, select

from estafet.events import Event
from estafet.events.routing import DirectoryPublished
from estafet.relay.errors import NotYet
from estafet.relay.upserting import inserting
from estafet.relay.work import Work
from services.tickets.directory import Directory
from services.tickets.tables import directory as table

_PUBLISHED = DirectoryPublished()
_WHICH = select(table.c.number, table.c.message)

#: Of each database, the directory parsed last, and of which number and message: it changes once in months, and is asked
#: for with every request.
_parsed: WeakKeyDictionary[Engine, tuple[tuple[int, str | None], Directory]] = WeakKeyDictionary()


def learn(event: Event, work: Work) -> None:
    """``directory.published``: keep it, unless a newer one is known.

    Of one number the message made last is kept: a later release says more of the same city, and one before this may
    have kept less of it.
    """
    document = _PUBLISHED.dump(event.data)
    inserted = inserting(work.connection.dialect.name, table).values(
        one=1, number=event.data["number"], document=document, message=event.id
    )
    new, known = inserted.excluded, table.c
    later = and_(new.number == known.number, or_(known.message.is_(None), new.message > known.message))
    work.connection.execute(
        inserted.on_conflict_do_update(
            index_elements=[known.one],
            set_={"number": new.number, "document": new.document, "message": new.message},
            where=or_(new.number > known.number, later),
        )
    )
    work.forget(needed_by)


def known(connection: Connection) -> Directory | None:
    """The newest directory, or None before the first."""
    row = connection.execute(_WHICH).one_or_none()
    if row is None:
        return None
    which = (row.number, row.message)
    kept = _parsed.get(connection.engine)
    if kept is None or kept[0] != which:
        kept = (which, Directory.of(connection.execute(select(table.c.document)).scalar_one()))
        _parsed[connection.engine] = kept
    return kept[1]


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
