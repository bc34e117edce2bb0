"""A reporter rates, changes their mind, and is forgotten: by the API and by page."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from services.tickets.rating.survey import ELEMENTS
from services.tickets.rating.tables import ratings, remarks
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.served import Report, Served, problem
from tests.integration.tickets.test_erasing import erase

REMARK = "Petugas Bu Sari sabar sekali."


def resolved(served: Served, **changes: object) -> Report:
    report = served.report(**changes).held("jalan")
    assert report.post("resolve", "jalan", reason="fixed").is_success
    return report


def kept(served: Served, code: str) -> tuple[object, object]:
    with served.town.works.database.read() as connection:
        row = connection.execute(select(ratings).where(ratings.c.code == code)).mappings().one_or_none()
        remark = connection.execute(select(remarks.c.text).where(remarks.c.code == code)).scalar_one_or_none()
    return row, remark


def test_the_last_rating_counts_and_is_no_act_of_custody(served: Served) -> None:
    report = resolved(served)
    before = served.town.case(report.code)
    first = report.post("rating", secret=True, scores={"time": 1, "cost": 4}, offices_contacted=3, remark=REMARK)
    assert first.status_code == 200, first.text
    assert first.json()["scores"] == {**dict.fromkeys(ELEMENTS), "time": 1, "cost": 4}
    assert (first.json()["office"], first.json()["remark"]) == ("jalan", REMARK)
    assert report.post("confirm", secret=True).is_success
    second = report.post("rating", secret=True, scores={"time": 4})
    assert second.json()["scores"] == {**dict.fromkeys(ELEMENTS), "time": 4}
    assert (second.json()["offices_contacted"], second.json()["remark"]) == (None, None)
    assert report.get("/rating", secret=report.secret).json() == second.json()
    row, remark = kept(served, report.code)
    assert (row["time"], row["cost"], remark) == (4, None, None)
    assert served.town.case(report.code).version == before.version + 1, "the confirmation's alone"


@pytest.mark.parametrize(
    "wrong",
    [
        {"scores": {"time": 0}},
        {"scores": {"time": 5}},
        {"scores": {"time": "3"}},
        {"scores": {"speed": 3}},
        {"offices_contacted": 5},
        {"remark": "x" * 1001},
        {"scores": {}, "remark": ""},
        {},
    ],
)
def test_what_is_no_answer_is_refused_by_name(served: Served, wrong: dict[str, object]) -> None:
    report = resolved(served)
    assert problem(report.post("rating", secret=True, **wrong), "invalid")["errors"]
    assert kept(served, report.code) == (None, None)


def test_only_what_an_office_calls_done_can_be_rated(served: Served) -> None:
    report = served.report().held("jalan")
    problem(report.post("rating", secret=True, scores={"time": 4}), "not-resolved")
    problem(report.get("/rating", secret=report.secret), "not-found")


def test_who_reads_a_rating_and_who_does_not(served: Served) -> None:
    report = resolved(served)
    assert report.post("rating", secret=True, scores={"time": 2}, remark=REMARK).is_success
    for who in ("coordinator:asisten", "auditor"):
        assert report.get("/rating", who).json()["remark"] == REMARK
    problem(report.get("/rating", "jalan"), "not-entitled")
    problem(report.get("/rating"), "no-token")
    for public in (report.get(), report.get("/chain"), served.http.get(f"/t/{report.code}")):
        assert "sabar" not in public.text


def test_who_is_forgotten_leaves_scores_and_no_words(served: Served) -> None:
    report = resolved(served)
    assert report.post("rating", secret=True, scores={"time": 2}, remark=REMARK).is_success
    erase(served.town, report.code)
    row, remark = kept(served, report.code)
    assert (row["time"], remark) == (2, None)
    problem(report.post("rating", secret=True, scores={"time": 4}), "wrong-token")


@pytest.mark.parametrize("language", ["id", "en"])
def test_on_the_page_every_question_may_be_skipped_and_none_is_lost(served: Served, language: str) -> None:
    reader, report = Reader(str(served.http.base_url), language), resolved(served)
    assert reader.get(f"/t/{report.code}/rate").status_code == 403
    reader.opened(report.code, report.secret)
    page = reader.get(f"/t/{report.code}/rate")
    form = reader.form(page, f"/t/{report.code}/rate")
    assert {each: form.fields[each] for each in (*ELEMENTS, "offices_contacted")} == dict.fromkeys(
        (*ELEMENTS, "offices_contacted"), ""
    )
    assert page.text.count("<fieldset") == 10
    empty = reader.post(form)
    assert empty.status_code == 422
    assert 'role="alert"' in empty.text
    sent = reader.post(reader.form(empty, form.action), conduct="4", offices_contacted="4", remark=REMARK)
    assert sent.url.path == f"/t/{report.code}"
    again = reader.form(reader.get(f"/t/{report.code}/rate"), form.action)
    assert (again.fields["conduct"], again.fields["offices_contacted"], again.fields["time"]) == ("4", "4", "")
    assert reader.post(again, time="9").status_code == 422
    assert "{" not in text_of(page)


def test_a_page_that_came_too_early_says_so(served: Served) -> None:
    reader, report = Reader(str(served.http.base_url)), served.report().held("jalan")
    page = reader.opened(report.code, report.secret)
    assert f"/t/{report.code}/rate" not in page.text
    assert reader.get(f"/t/{report.code}/rate").status_code == 409


def test_the_page_of_a_closed_report_leads_to_its_rating(served: Served) -> None:
    reader, report = Reader(str(served.http.base_url)), resolved(served, category="curang")
    assert reader.get(f"/t/{report.code}/rate").status_code == 404
    page = reader.opened(report.code, report.secret)
    closed = reader.post(reader.form(page, f"/t/{report.code}/confirm"))
    assert f'href="/t/{report.code}/rate"' in closed.text
