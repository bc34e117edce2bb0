"""The photos of a report: kept in the transaction of the message that says they came, listed, read, and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select

from estafet.events import new_id
from estafet.relay.work import Work
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight
from services.tickets.custody.case import Outcome, Said
from services.tickets.photos.darkroom import MEDIA_TYPE, Photo
from services.tickets.photos.rule import OF_REPORT, Fault, Unfit
from services.tickets.tables import attachments

#: The events that say how many photos came, and what these are then a part of.
PARTS = {"ticket.opened": "report", "note.added": "note", "ticket.resolved": "resolution"}

_KEEP = insert(attachments)
#: All that is known of one but the pictures.
_LISTED = [each for each in attachments.c if each.name not in ("thumbnail", "content")]


def told(outcome: Outcome, photos: Sequence[Photo]) -> Outcome:
    """The outcome, with the number of photos in what it says: so the chain has it.

    Raises:
        ValueError: it says nothing that photos come with.
    """
    if not photos:
        return outcome
    bearer = bearer_of(outcome)
    counted = replace(bearer, data={**bearer.data, "photos": len(photos)})
    return replace(outcome, said=tuple(counted if each is bearer else each for each in outcome.said))


def bearer_of(outcome: Outcome) -> Said:
    """What an outcome says that photos come with. Raises ValueError: nothing."""
    for said in outcome.said:
        if said.name in PARTS:
            return said
    raise ValueError("photos come with a report, a note or a resolution")


def keep(work: Work, outcome: Outcome, photos: Sequence[Photo]) -> None:
    """Keep the photos that came with an outcome (see :func:`told`), of a report that this unit of work has locked.

    Raises:
        Unfit: the report has as many as it may have.
    """
    if not photos:
        return
    said, code = bearer_of(outcome), outcome.case.code
    office = said.data["office"] if said.name != "ticket.opened" else None
    if _count(work.connection, code, office is None) + len(photos) > OF_REPORT:
        raise Unfit(Fault.FULL)
    whose = {"code": code, "event": said.id, "part": PARTS[said.name], "office": office, "at": work.now}
    whose["public"] = said.data.get("public", True)
    for photo in photos:
        id = new_id()
        work.later(_KEEP, id, {"id": id, **whose, **_row(photo)})


def are_of(connection: Connection, event: str, photos: Sequence[Photo]) -> bool:
    """Whether these, and no others, came with a message."""
    wanted = select(attachments.c.sha256).where(attachments.c.event == event)
    return sorted(connection.execute(wanted).scalars()) == sorted(each.sha256 for each in photos)


def listed(connection: Connection, sight: Sight) -> list[RowMapping]:
    """What there is of the report for somebody entitled to its full view, oldest first, without the pictures."""
    wanted = select(*_LISTED).where(attachments.c.code == sight.case.code, *_visible(sight))
    return list(connection.execute(wanted.order_by(attachments.c.id)).mappings())


def find(connection: Connection, sight: Sight, id: str, *, small: bool = False) -> RowMapping | None:
    """One of them, its picture as ``picture``: the thumbnail, or the whole."""
    column = attachments.c.thumbnail if small else attachments.c.content
    wanted = select(*_LISTED, column.label("picture")).where(
        attachments.c.code == sight.case.code, attachments.c.id == id, *_visible(sight)
    )
    return connection.execute(wanted).mappings().one_or_none()


def forget(connection: Connection, codes: Sequence[str]) -> None:
    """Delete the photos of these reports, those of offices too: nobody can tell what of the reporter is on them."""
    connection.execute(delete(attachments).where(attachments.c.code.in_(codes)))


def _visible(sight: Sight) -> list[Any]:
    """A photo is hidden as the note is that it came with."""
    return [] if sight.may(Action.INTERNAL_NOTES) else [attachments.c.public]


def _count(connection: Connection, code: str, of_reporter: bool) -> int:
    """Of the reporter, or of all offices together: neither takes the other's room."""
    office = attachments.c.office
    wanted = select(func.count()).where(
        attachments.c.code == code, office.is_(None) if of_reporter else office.is_not(None)
    )
    return connection.execute(wanted).scalar_one()


def _row(photo: Photo) -> dict[str, Any]:
    return {
        "media_type": MEDIA_TYPE,
        "width": photo.width,
        "height": photo.height,
        "size": len(photo.content),
        "sha256": photo.sha256,
        "thumbnail": photo.thumbnail,
        "content": photo.content,
    }
