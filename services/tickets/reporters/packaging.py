"""What an outside agency is given of a report: the fields it needs, the reporter let us share, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from estafet.relay.work import Work
from services.tickets.custody.case import Case, Outcome
from services.tickets.directory import Directory
from services.tickets.store import Cases
from services.tickets.tables import reporters, texts

#: Fields that say who reported.
IDENTITY = frozenset({"name", "contact"})


def package(connection: Connection, case: Case, directory: Directory, shared: Iterable[str]) -> dict[str, str | None]:
    """The values of the shared fields. Consent is asked again here: it may have shrunk since the referral began."""
    found = connection.execute(select(reporters).where(reporters.c.code == case.code)).mappings().one_or_none()
    person: Mapping[Any, Any] = found or {}
    text = connection.execute(select(texts.c.text).where(texts.c.code == case.code)).scalar_one_or_none()
    values = {
        "name": person.get("name"),
        "contact": person.get("email") or person.get("phone"),
        "text": text,
        "place": directory.areas.get(case.place, case.place) if case.place else None,
    }
    return {field: values[field] for field in shared if field in case.consent}


def hand_over(work: Work, outcome: Outcome, directory: Directory) -> None:
    """Tell notify, on the private exchange, what the mail to each agency asked just now may hold."""
    case = outcome.case
    asked = {said.id for said in outcome.said if said.name == "referral.opened"}
    for referral in outcome.referrals:
        if referral.id not in asked:
            continue
        work.write()  # what is handed over is read back from the tables
        values = package(work.connection, case, directory, referral.shared)
        packaged = work.emit(
            "referral.packaged",
            {"referral": referral.id, "agency": referral.agency, "package": values},
            subject=case.code,
            subjectversion=case.version,
            correlationid=case.correlation,
            causationid=referral.id,
            confidential=case.confidential,
        )
        # The mail to the agency names it as its cause, so the chain keeps it, but not what was in it.
        kept = {"referral": referral.id, "agency": referral.agency, "package": {}}
        Cases.of(work).record(case.code, replace(packaged, data=kept))
