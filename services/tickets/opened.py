"""Opening a report, by whichever door it came: the case, its text, its reporter and the secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from estafet.events import new_id
from estafet.relay.work import Work
from services.tickets.custody import Case, Moment, Report, open_case
from services.tickets.directory import Directory
from services.tickets.photos import attachments
from services.tickets.photos.darkroom import Photo
from services.tickets.reporters import contact, secrets
from services.tickets.store import Cases
from services.tickets.tables import reporters, texts

_KEEP_TEXT = insert(texts)
_KEEP_REPORTER = insert(reporters)


@dataclass(frozen=True, slots=True)
class Opened:
    code: str
    secret: str


def report_of(data: Mapping[str, Any], code: str = "") -> Report:
    """What the rules need of the data of a :class:`~estafet.events.intake.ReportSubmitted`."""
    reporter = data["reporter"] or {}
    return Report(
        code=code,
        category=data["category"],
        place=data["place"],
        reachable=any(reporter.get(way) for way in contact.WAYS),
        consent=tuple(data["consent"]),
        named=tuple(data["named"]),
        reference=data["reference"],
        seen=tuple(data["seen"]),
        hops=data["hops"],
    )


def open_report(
    work: Work,
    directory: Directory,
    key: bytes,
    data: Mapping[str, Any],
    code: str,
    submission: Mapping[str, str] | None = None,
    app: str | None = None,
    photos: Sequence[Photo] = (),
) -> Opened:
    """Open a report of checked data under an unused code.

    Args:
        app: the app that sent it by HTTP, as its token names it.

    Raises:
        Refused: what the directory does not know, or the category needs.
    """
    report = report_of(data, code)
    correlation = work.cause.correlationid if work.cause else None
    outcome = attachments.told(open_case(report, directory, Moment(now=work.now), correlation), photos)
    id = new_id()
    secret = secrets.derive(key, id)
    cases = Cases.of(work)
    columns = {"id": id, "secret_hash": secrets.hashed(secret), "reference": report.reference, "opened_at": work.now}
    cases.open(outcome, {**columns, "app": app})
    location = data.get("location") or dict.fromkeys(("lat", "long", "address"))
    work.later(_KEEP_TEXT, code, {"code": code, "text": data["text"], **location, "media_url": data.get("media_url")})
    reporter = data["reporter"] or {}
    _keep_reporter(work, code, reporter)
    attachments.keep(work, outcome, photos)
    _answer(work, outcome.case, report, submission)
    if report.reachable:
        _tell_notify(work, outcome.case, reporter, secret)
    return Opened(code, secret)


def _keep_reporter(work: Work, code: str, reporter: Mapping[str, Any]) -> None:
    row = {name: reporter.get(name) for name in ("name", *contact.WAYS)}
    if any(row.values()):
        work.later(_KEEP_REPORTER, code, {"code": code, "locale": reporter.get("locale", "id"), **row})


def _answer(work: Work, case: Case, report: Report, submission: Mapping[str, str] | None) -> None:
    accepted = work.emit(
        "report.accepted",
        {"code": case.code, "reference": report.reference, "submission": submission},
        subject=case.code,
        subjectversion=case.version,
        correlationid=case.correlation,
        causationid=work.cause.id if work.cause else case.custody_message,
        confidential=case.confidential,
    )
    Cases.of(work).record(case.code, accepted)


def _tell_notify(work: Work, case: Case, reporter: Mapping[str, Any], secret: str) -> None:
    """On the private exchange, and not into the chain: it is personal."""
    given = {name: reporter.get(name) for name in ("name", *contact.WAYS)}
    work.emit(
        "reporter.given",
        {**given, "locale": reporter.get("locale", "id"), "secret": secret},
        subject=case.code,
        subjectversion=case.version,
        correlationid=case.correlation,
        causationid=case.custody_message,
        confidential=case.confidential,
    )
