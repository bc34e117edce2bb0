"""Submitting a report from outside: checked, opened once for each key, answered the same when it is sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from estafet.relay.work import Work
from estafet.web import Problem
from services.tickets import custody, idempotency, learning
from services.tickets.directory import Directory
from services.tickets.opened import Opened, open_report, report_of
from services.tickets.photos.darkroom import Photo
from services.tickets.reporters.secrets import derive
from services.tickets.tables import tickets
from services.tickets.unused_codes import Codes


@dataclass(frozen=True, slots=True)
class Submission:
    """What came, and from whom.

    Attributes:
        data: the checked data of a ``report.submitted``.
        scope: whose ``repeat`` it is.
        repeat: the same submission sent again has the same; None: each is another.
        app: the app that sent it, as its token names it.
        photos: what it shows.
        same: what a repetition must say again; None: all of it, with the same photos.
        called: what the sender calls a field of ours.
    """

    data: dict[str, Any]
    scope: str
    repeat: str | None
    app: str | None = None
    photos: tuple[Photo, ...] = ()
    same: dict[str, Any] | None = None
    called: Callable[[str], str] = str

    @property
    def request(self) -> dict[str, Any]:
        """What the same submission sent again is the same in."""
        if self.same is not None:
            return self.same
        shown = {"photos": [each.sha256 for each in self.photos]} if self.photos else {}
        return {**self.data, **shown}


def submit(work: Work, key: bytes, submission: Submission) -> Opened:
    """Open it, or find the report that the first one with this ``repeat`` opened.

    Raises:
        Problem: ``unknown-category`` or ``invalid``, with every field at fault; ``key-reused``.
    """
    directory = learning.needed_by(work)
    _check(submission, directory)
    code = Codes.of(work).take(directory)
    first = _first(work, submission, code)
    if first == code:
        data, photos = submission.data, submission.photos
        return open_report(work, directory, key, data, code, app=submission.app, photos=photos)
    id = work.connection.execute(select(tickets.c.id).where(tickets.c.code == first)).scalar_one()
    return Opened(first, derive(key, id))


def _check(submission: Submission, directory: Directory) -> None:
    faults = custody.faults(report_of(submission.data), directory)
    if faults:
        errors = [(submission.called(field), reason) for field, reason in faults]
        raise Problem(custody.slug_of(faults[0][0]), faults[0][1], errors)


def _first(work: Work, submission: Submission, code: str) -> str:
    """The code to answer with: the given one, or that of the first submission with the same ``repeat``."""
    if submission.repeat is None:
        return code
    try:
        return idempotency.claim(
            work.connection, submission.scope, submission.repeat, submission.request, code, work.now
        )
    except idempotency.Reused as error:
        raise Problem("key-reused", "Send this report with a key of its own, such as a new UUID.") from error
