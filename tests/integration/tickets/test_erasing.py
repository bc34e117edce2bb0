"""A reporter is forgotten: in every report of theirs, in every table, without hurting the books or the chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData, insert, select

from estafet.relay import outbox
from estafet.relay.deferral import put
from estafet.relay.failure import Failure
from estafet.relay.message import Delivery, Failed
from estafet.relay.tables import deferred
from estafet.relay.tables import outbox as outbox_table
from estafet.relay.tidying import KEPT, tidy
from estafet.relay.triage import ERASED
from services.tickets import custody, idempotency, recording
from services.tickets.custody import Act
from services.tickets.reporters import erasing, finding, secrets
from services.tickets.store import Cases
from services.tickets.tables import notes, tickets
from tests.integration.tickets.town import KEY, NOW, REPORT, Town, message

WROTE = "Atap rumah Kuswandari bocor"
REPORTER = {
    "name": "Kuswandari",
    "email": "Kuswandari@contoh.id",
    "phone": "0812-7788-9900",
    "telegram": "-100414243",
}
PLANTED = ("kuswandari", "7788-9900", "bocor", "7.81234567", "414243")
NAMES = ["kuswandari@CONTOH.id", "+62 812 7788 9900", "081277889900", "00628127788 9900", "telegram:-100414243", "code"]


def everything(town: Town) -> str:
    """All that the database holds, as one text."""
    with town.works.database.read() as connection:
        found = MetaData()
        found.reflect(connection)
        rows = [tuple(row) for table in found.sorted_tables for row in connection.execute(select(table))]
    cells = [cell for row in rows for cell in row]
    return "\n".join(
        bytes(c).decode("utf-8", "replace") if isinstance(c, bytes | memoryview) else str(c) for c in cells
    )


def planted(town: Town) -> list[str]:
    text = everything(town).casefold()
    return [each for each in PLANTED if each in text]


def erase(town: Town, given: str) -> finding.Found:
    with town.works.begin() as work:
        found = finding.find(work.connection, given)
        erasing.erase(work, found)
    return found


def written(town: Town, **changes: Any) -> str:
    """A report of hers, with a note of hers and one of an office, referred to an agency; answers its code."""
    report = {"text": WROTE, "reporter": REPORTER, "consent": ["text", "name"], **changes}
    report |= {"location": {"lat": -7.81234567, "long": 112.0, "address": "Gang Kuswandari 3"}}
    report |= {"media_url": "https://contoh.id/bocor.jpg"}
    code = town.submit(**report)
    town.deliver(town.routed(code, "taman"))
    for by, rule in (("taman", custody.accept), (None, None), ("taman", None)):
        with town.works.begin() as work:
            case = Cases.of(work).get(code)
            assert case is not None
            act = Act(by=by, now=work.now)
            outcome = rule(case, act) if rule else custody.note(case, act)
            Cases.of(work).save(outcome)
            if rule is None:
                text = f"{WROTE}!" if by is None else "Kantor sudah melihat."
                row = {"id": outcome.said[0].id, "code": code, "office": by, "public": True, "text": text}
                work.connection.execute(insert(notes).values(**row, at=work.now))
    return code


@pytest.mark.parametrize("given", NAMES)
def test_every_way_of_naming_forgets_every_report(town: Town, given: str) -> None:
    codes = [written(town), written(town, category="curang"), written(town, reporter={**REPORTER, "email": None})]
    other = town.submit(text="Lain.", reporter={"name": "Rini", "email": "x-kuswandari@lain.id", "phone": "0812-1111"})
    assert planted(town) == list(PLANTED)
    found = erase(town, codes[0] if given == "code" else given)
    expected = codes[:2] if "@" in given else codes
    assert [each.code for each in found.left] == sorted(expected)
    assert all(each.open for each in found.left)
    if "@" in given:
        erase(town, codes[2])
    kept = everything(town)
    assert "x-kuswandari@lain.id" in kept
    assert "Kantor sudah melihat." in kept
    assert not [each for each in PLANTED if each in kept.casefold().replace("x-kuswandari@lain.id", "")]
    with town.works.database.read() as connection:
        assert [recording.verify(connection, code) for code in (*codes, other)] == [None] * 4


def test_the_secret_opens_nothing_and_cannot_be_made_again(town: Town) -> None:
    code = written(town)
    given = town.said("reporter.given")[0]["data"]["secret"]
    erase(town, code)
    with town.works.database.read() as connection:
        row = connection.execute(select(tickets).where(tickets.c.code == code)).one()
    assert not secrets.matches(given, row.secret_hash)
    assert secrets.derive(KEY, row.id) != given
    assert not secrets.matches(secrets.derive(KEY, row.id), row.secret_hash)


def test_each_event_still_leaves_once_and_says_nothing_of_her(town: Town) -> None:
    code = written(town)
    before = town.names()
    erase(town, code)
    assert town.names() == [*before, "reporter.erased"]
    given, erased = town.said("reporter.given", "reporter.erased")
    nobody = {"name": None, "email": None, "phone": None, "telegram": None}
    assert given["data"] == {**nobody, "locale": "id", "secret": ""}
    assert (erased["subject"], erased["data"]) == (code, {})
    case = town.case(code)
    assert (case.reachable, case.consent, case.version) == (False, (), erased["subjectversion"])


def test_erasing_twice_does_nothing_more(town: Town) -> None:
    code = written(town)
    erase(town, code)
    before = everything(town)
    again = erase(town, code)
    assert ([each.code for each in again.reports], again.left) == ([code], ())
    assert erase(town, REPORTER["email"]).reports == ()
    assert everything(town) == before


@pytest.mark.parametrize("given", ["", "Kuswandari", "a@b.c d@e.f", "12"])
def test_what_names_nobody_says_so(town: Town, given: str) -> None:
    with town.works.database.read() as connection, pytest.raises(LookupError, match="Name the reporter by"):
        finding.find(connection, given)


def test_a_report_that_could_not_be_handled_is_emptied_too(town: Town) -> None:
    """Whether it can be read or not, and whether it became a report later or never."""
    code = written(town)
    submission = town.said("report.accepted")[0]["data"]["submission"]
    data = {**REPORT, "text": WROTE, "reporter": {"email": "KUSWANDARI@contoh.id"}}
    bodies = {
        "never": message("report.submitted", data, source="/app"),
        "unreadable": b"Telepon saya (0812) 7788 9900, atap bocor, Kuswandari",
        "escaped": json.dumps(
            {"reporter": {"phone": "0812-7788-9900", "name": "Kuswandari", "text": "bocor"}}
        ).encode(),
        "another's": b"x-kuswandari@contoh.id",
    }
    with town.works.begin() as work:
        for name, body in bodies.items():
            put(work.connection, Failed(Delivery("tickets.submit", body), Failure(name, "", "", None)), NOW)
        replayed = {"state": "replayed", "source": submission["source"], "event_id": submission["id"]}
        values = {"subscription": "tickets.submit", "error": "later", "detail": "", "place": "", "attempts": 1}
        times = {"first_at": NOW, "last_at": NOW}
        work.connection.execute(insert(deferred).values(id="r", body=b"Kuswandari", **values, **replayed, **times))
    found = erase(town, code)
    assert len(found.unhandled) == 4
    with town.works.database.read() as connection:
        rows = {row.error: row for row in connection.execute(select(deferred))}
    assert {error: (row.state, bytes(row.body)) for error, row in rows.items()} == {
        "never": ("discarded", b""),
        "unreadable": ("discarded", b""),
        "escaped": ("discarded", b""),
        "later": ("replayed", b""),
        "another's": ("dead", b"x-kuswandari@contoh.id"),
    }
    assert rows["never"].ended_why == ERASED


def test_a_late_repetition_of_the_request_opens_nothing(town: Town) -> None:
    code = written(town)
    with town.works.begin() as work:
        assert idempotency.claim(work.connection, "anonymous", "k", {"a": 1}, code, NOW) == code
    erase(town, code)
    with town.works.begin() as work, pytest.raises(idempotency.Reused):
        idempotency.claim(work.connection, "anonymous", "k", {"a": 1}, "other", NOW)


def test_an_erased_report_lives_on(town: Town) -> None:
    """It is resolved, and closes by silence, since nobody can confirm."""
    code = written(town)
    erase(town, code)
    town.act(code, lambda case, work: custody.resolve(case, Act(by="taman", now=work.now), reason="fixed"))
    town.deliver(town.deadline(code, "silence"))
    assert town.case(code).status == "closed"
    assert not town.said("ticket.closed")[0]["data"]["ticket"]["reachable"]
    with town.works.database.read() as connection:
        assert recording.verify(connection, code) is None


def test_a_settled_event_is_kept_for_days_and_then_deleted(town: Town) -> None:
    for _ in range(3):
        town.submit()
    published = datetime.now(UTC)  # as the ids say, which the town's clock does not make
    with town.works.begin() as work:
        ids = [row.id for row in outbox.pending(work.connection, 100, work.now)]
        outbox.mark_published(work.connection, ids[:-2], published, settled=True)
        outbox.mark_published(work.connection, ids[-2:-1], published, settled=False)
    town.clock.time = published + KEPT - timedelta(minutes=1)
    assert tidy(town.works, batch=2) == 0
    town.clock.pass_by(minutes=2)
    assert tidy(town.works, batch=2) == len(ids) - 2
    with town.works.database.read() as connection:
        assert list(connection.execute(select(outbox_table.c.id).order_by(outbox_table.c.id)).scalars()) == ids[-2:]
