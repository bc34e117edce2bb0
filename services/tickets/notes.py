"""The notes of a report: kept with the event that says one was added, listed, and known again when one comes twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, RowMapping, insert, select

from estafet.relay.work import Work
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight
from services.tickets.custody import Outcome
from services.tickets.photos import attachments
from services.tickets.photos.darkroom import Photo
from services.tickets.tables import notes

#: The same note within so long is the same form.
_AGAIN = timedelta(minutes=1)


def keep(work: Work, outcome: Outcome, text: str) -> None:
    """The text of the note that an outcome adds."""
    said = next(each for each in outcome.said if each.name == "note.added")
    row = {"id": said.id, "code": outcome.case.code, "office": said.data["office"], "public": said.data["public"]}
    work.connection.execute(insert(notes).values(**row, text=text, at=work.now))


def listed(connection: Connection, sight: Sight) -> Sequence[RowMapping]:
    """What there is for whoever may read the report, oldest first."""
    wanted = select(notes).where(notes.c.code == sight.case.code).order_by(notes.c.id)
    if not sight.may(Action.INTERNAL_NOTES):
        wanted = wanted.where(notes.c.public)
    return connection.execute(wanted).mappings().all()


def is_repeated(work: Work, sight: Sight, action: Action, text: str, photos: Sequence[Photo] = ()) -> bool:
    """Whether the same words and photos came to the report a moment ago, from the same: a form sent twice, by a double
    press say.

    It names no version, so nothing else stops it. The report was taken.

    Raises:
        Problem: they may not write to it at all.
    """
    sight.require(action)
    same = (notes.c.code == sight.case.code, notes.c.office == sight.office, notes.c.text == text)
    wanted = select(notes.c.id).where(*same, notes.c.public == (action is not Action.HIDDEN_NOTE))
    lately = work.connection.execute(wanted.where(notes.c.at > work.now - _AGAIN)).scalars()
    return any(attachments.are_of(work.connection, id, photos) for id in lately.all())
