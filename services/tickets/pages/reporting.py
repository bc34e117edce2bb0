"""The form to report with, and what becomes of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from estafet.events.fields import SHAREABLE
from estafet.events.intake import TEXT_LIMIT
from estafet.relay.work import Works
from estafet.web import Problem
from estafet.web.schemas import load
from services.tickets import learning
from services.tickets.access.sight import answered
from services.tickets.api import schemas
from services.tickets.directory import Directory, Service
from services.tickets.pages.addresses import path_of
from services.tickets.pages.keys import keep
from services.tickets.pages.photos import fault, sent
from services.tickets.pages.visit import Visit, page
from services.tickets.pages.words import Words
from services.tickets.photos.rule import FIELD as PHOTOS
from services.tickets.photos.rule import FORM, Unfit
from services.tickets.submitting import Submission, submit

#: Whose keys these are: pages never share one with the API.
_SCOPE = "page"
#: The field that tells a form sent twice from two forms.
_ONCE = "once"
_FIELDS = ("category", "place", "address", "text", "name", "email", "phone")
#: What a form may be answered with that is mended on the form itself.
_MENDED = ("invalid", "unknown-category", "key-reused")


class Reporting:
    relay: Works
    key: bytes
    public_url: str

    @page("GET", "/report", "The form to report with")
    def report_page(self, visit: Visit) -> Response:
        return self._form(visit, {})

    @page("POST", "/report", "Submit a report", weight=4, files=FORM)
    def report_by_page(self, visit: Visit) -> Response:
        try:
            with answered():
                with self.relay.database.read() as connection:
                    city = learning.needed(connection)
                document = report_of(visit.form, visit.words.language, city)
                data = load(schemas.ReportInput, document)
                submission = Submission(data, _SCOPE, visit.form.get(_ONCE) or None, photos=sent(visit))
                opened = self.relay.share(lambda work: submit(work, self.key, submission))
        except Problem as problem:
            if problem.kind.slug not in _MENDED and not isinstance(problem, Unfit):
                raise
            return self._form(visit, visit.form, problem)
        keep(visit, opened.code, opened.secret)
        return visit.go(f"{path_of(opened.code)}/receipt")

    def _form(self, visit: Visit, form: Mapping[str, Any], problem: Problem | None = None) -> Response:
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
        again = problem is not None and problem.kind.slug == "key-reused"
        offices = sorted((each for each in city.offices.values() if city.can_hold(each.code)), key=lambda o: o.name)
        return visit.draw(
            "report.html",
            200 if problem is None else 422,
            city=city,
            groups=groups(city, visit.words),
            offices=offices,
            form={name: form.get(name, "") for name in (*_FIELDS, "named")} | {"consent": form.get("consent", [])},
            once=secrets.token_urlsafe(18) if again or not form.get(_ONCE) else form[_ONCE],
            faults={} if problem is None else _faults(problem, visit),
            again=again,
            shareable=SHAREABLE,
            most=TEXT_LIMIT,
        )


def groups(city: Directory, words: Words) -> dict[str, list[Service]]:
    """The categories by what somebody must know before choosing one, each group by name."""
    found: dict[str, list[Service]] = {"emergency": [], "city": [], "local": [], "confidential": []}
    for service in sorted(city.services.values(), key=lambda each: each.name.get(words.language, each.code).casefold()):
        if service.confidential:
            found["confidential"].append(service)
        elif service.emergency:
            found["emergency"].append(service)
        else:
            found["local" if service.place_required else "city"].append(service)
    return {name: services for name, services in found.items() if services}


def report_of(form: Mapping[str, Any], language: str, city: Directory) -> dict[str, Any]:
    """The form as a ``report.submitted``. A field left empty was not given.

    The office it is about is asked of confidential categories alone, and consent of those that an outside agency may be
    asked about: of another it is left over from one chosen before.
    """
    given = {name: form[name] for name in _FIELDS if form.get(name)}
    reporter = {name: given[name] for name in ("name", "email", "phone") if name in given}
    service = city.services.get(given.get("category", ""))
    named = form.get("named") if service is not None and service.confidential else None
    return {
        "category": given.get("category", ""),
        "text": given.get("text", ""),
        "place": given.get("place"),
        "location": {"address": given["address"]} if "address" in given else None,
        "reporter": {**reporter, "locale": language} if reporter else None,
        "consent": list(dict.fromkeys(form.get("consent", ()))) if service is None or service.referable else [],
        "named": [named] if named else [],
    }


def _faults(problem: Problem, visit: Visit) -> dict[str, str]:
    """A browser forgets the files of a form that comes back, so they are asked for again."""
    if isinstance(problem, Unfit):
        return {PHOTOS: fault(problem, visit)}
    return faults(problem, visit.words) | ({PHOTOS: visit.words("photos.again")} if visit.files else {})


def faults(problem: Problem, words: Words) -> dict[str, str]:
    """What is wrong, by the field it stands beside. ``other``: beside none."""
    found = {}
    for path, _ in problem.errors:
        parts = [part for part in path.split(".") if not part.isdigit()]
        field = parts[-1] if parts and parts[-1] in _FIELDS else "other"
        found[field] = words(f"report.faults.{field}", most=TEXT_LIMIT)
    return found
