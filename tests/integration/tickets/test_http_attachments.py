"""Photos by the API: added with a note, listed, read by whom they are for, forgotten with the reporter."""

from __future__ import annotations

import json

import httpx
import pytest
from sqlalchemy import select

from services.tickets import recording
from services.tickets.photos.rule import OF_REPORT
from services.tickets.tables import attachments
from tests.integration.tickets.served import Report, Served, problem
from tests.integration.tickets.test_erasing import erase
from tests.support import pictures
from tests.support.pictures import is_red, opened, photo

#: A field for files that was left empty, as browsers send it.
EMPTY = b'--x\r\nContent-Disposition: form-data; name="photos"; filename=""\r\n\r\n\r\n--x--\r\n'
FORM = "multipart/form-data; boundary=x"


def add(
    report: Report, *photos: bytes, office: str | None = None, secret: bool = False, **fields: str
) -> httpx.Response:
    headers = report.served.headers(office) | {"If-Match": f'"{report.version}"'}
    if secret:
        headers["Estafet-Secret"] = report.secret
    files = [("photos", ("x", each, "application/octet-stream")) for each in photos]
    place = f"/api/v1/tickets/{report.code}/attachments"
    if not files:
        return report.served.http.post(place, content=EMPTY, headers=headers | {"Content-Type": FORM})
    return report.served.http.post(place, data=fields, files=files, headers=headers)


def listed(report: Report, office: str | None = None) -> list[dict[str, object]]:
    view = report.get(office=office, secret=None if office else report.secret).json()
    found: list[dict[str, object]] = view["attachments"]
    return found


def test_photos_come_with_a_note_and_the_chain_says_how_many(served: Served) -> None:
    report = served.report().held("jalan")
    added = add(report, pictures.tagged(), photo(kind="PNG"), secret=True, text="Begini.")
    assert added.status_code == 201, added.text
    first, second = listed(report, "jalan")
    assert (first["event"], first["part"], first["office"]) == (added.json()["event"], "note", None)
    assert (first["width"], first["height"], first["media_type"]) == (400, 300, "image/jpeg")
    assert report.get(office="jalan").json()["notes"][-1]["text"] == "Begini."
    answer = served.http.get(str(first["link"]), headers=served.headers("jalan"))
    assert len(answer.content) == first["size"]
    assert is_red(opened(answer.content), 0.1, 0.1)
    assert not [secret for secret in pictures.SECRETS if secret in answer.content]
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-disposition"].startswith('inline; filename="CTH-')
    small = served.http.get(str(second["link"]), params={"small": "true"}, headers=served.headers("jalan"))
    assert opened(small.content).size == (320, 240)
    same = {"If-None-Match": answer.headers["etag"]}
    assert served.http.get(str(first["link"]), headers=served.headers("jalan") | same).status_code == 304
    assert small.headers["etag"] != answer.headers["etag"]
    steps = served.http.get(f"/api/v1/tickets/{report.code}").json()
    assert [each["photos"] for each in steps["history"] if each["what"] == "note.added"] == [2]
    assert "attachments" not in steps
    with served.town.works.database.read() as connection:
        said = [json.loads(each.body) for each in recording.entries(connection, report.code)]
        assert recording.verify(connection, report.code).broken_at is None
    assert [each["data"]["photos"] for each in said if "note.added" in each["type"]] == [2]


def test_who_may_not_see_the_report_sees_no_photo_of_it(served: Served) -> None:
    report = served.report(category="curang").held("taman")
    assert add(report, photo(), secret=True).is_success
    (link,) = [str(each["link"]) for each in listed(report)]
    other = served.report()
    assert served.http.get(link, headers=served.headers("taman")).is_success
    assert problem(served.http.get(link, headers=served.headers("utara")), "not-found")
    assert problem(served.http.get(link), "not-found")
    assert problem(served.http.get(link, headers={"Estafet-Secret": other.secret}), "not-found")
    elsewhere = link.replace(report.code, other.code)
    assert problem(served.http.get(elsewhere, headers={"Estafet-Secret": other.secret}), "not-found")
    assert problem(add(report, photo(), office="utara"), "not-found")
    assert problem(add(other, photo(), office="utara"), "not-entitled")
    assert problem(add(other, photo()), "no-token")


def test_a_photo_of_a_hidden_note_is_hidden_too(served: Served) -> None:
    report = served.report().held("jalan")
    assert add(report, photo(), office="jalan", public="false").is_success
    (found,) = listed(report, "jalan")
    assert (found["office"], found["public"]) == ("jalan", False)
    assert listed(report) == []
    assert problem(served.http.get(str(found["link"]), headers={"Estafet-Secret": report.secret}), "not-found")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pictures.SVG, "send JPEG, PNG or WebP"),
        (pictures.archive(), "send JPEG, PNG or WebP"),
        (pictures.HTML, "send JPEG, PNG or WebP"),
        (pictures.HEIC, "save it as JPEG"),
        (photo(2000, 1500)[:20_000], "damaged or not whole"),
        (pictures.bomb(), "megapixels"),
        (pictures.huge(), "larger than 8 MB"),
    ],
    ids=["svg", "zip", "html", "heic", "cut", "bomb", "huge"],
)
def test_what_is_no_photo_is_refused_with_what_to_do(served: Served, content: bytes, said: str) -> None:
    report = served.report()
    version = report.version
    refused = problem(add(report, photo(20, 20), content, secret=True), "unfit-photo")
    assert said in refused["detail"]
    assert [each["field"] for each in refused["errors"]] == ["photos.1"]
    assert (listed(report), report.version) == ([], version)


def test_a_form_without_a_photo_says_so(served: Served) -> None:
    report = served.report()
    for refused in (add(report, secret=True), report.post("attachments", secret=True, photos=["x"])):
        assert problem(refused, "invalid")["errors"][0]["field"].startswith("photos")
    assert problem(add(report, photo(9, 9), secret=True, colour="red"), "invalid")["errors"][0]["field"] == "colour"
    broken = served.http.post(
        f"/api/v1/tickets/{report.code}/attachments",
        content=b"--x\r\nContent-Disposition: form-data; name=photos; filename=a\r\n\r\nabc",
        headers={"Content-Type": FORM, "If-Match": '"1"', "Estafet-Secret": report.secret},
    )
    assert problem(broken, "malformed")


def test_the_reporter_and_the_offices_each_have_their_room(served: Served) -> None:
    report = served.report().held("jalan")
    four = [photo(20, 20)] * 4
    for _ in range(OF_REPORT // 4):
        assert add(report, *four, secret=True).is_success
    assert f"has {OF_REPORT} photos" in problem(add(report, photo(20, 20), secret=True), "unfit-photo")["detail"]
    assert len(listed(report)) == OF_REPORT
    assert add(report, *four, office="jalan").is_success


def test_they_are_deleted_with_the_reporter_those_of_offices_too(served: Served) -> None:
    report = served.report().held("jalan")
    assert add(report, photo(), secret=True, text="Rumah saya.").is_success
    assert add(report, photo(), office="jalan").is_success
    links = [str(each["link"]) for each in listed(report, "jalan")]
    erase(served.town, report.code)
    assert listed(report, "jalan") == []
    for link in links:
        assert problem(served.http.get(link, headers=served.headers("jalan")), "not-found")
    with served.town.works.database.read() as connection:
        assert connection.execute(select(attachments.c.id).where(attachments.c.code == report.code)).all() == []
        assert recording.verify(connection, report.code).broken_at is None
