"""Preferences as they are set: by a reporter over HTTP with the link of a letter, by the operator with the command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from estafet.relay.database import connect
from estafet.relay.work import Works
from services.notify import tokens
from tests.bed.process import free_ports
from tests.integration.notify.conftest import Hands, arrive, event, prepared
from tests.integration.notify.serving import PORTS, estafet_notify, serving, wait_for

KEY = "a-long-random-text"
CODE = "TRT-7F3K-92Q"
ERASED = "TRT-7F3K-93M"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town that knows two reporters, one of them erased."""
    folder = tmp_path_factory.mktemp("notify")
    works = Works("notify", prepared(f"sqlite:///{folder / 'notify.sqlite'}"), Hands())
    arrive(works, event("directory.published", "e-0"))
    for code in (CODE, ERASED):
        arrive(works, event("reporter.given", f"g-{code}", code=code))
    arrive(works, event("reporter.erased", "e-9", code=ERASED))
    works.database.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    base = free_ports(PORTS)
    environment = {"ESTAFET_SECRET_KEY": KEY, "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{base}"}
    url = f"http://127.0.0.1:{base + 2}"
    with serving(folder, environment), httpx.Client(base_url=url, timeout=20) as client:
        wait_for(url)
        yield client


def link(code: str, key: str = KEY) -> str:
    return f"/preferences/{tokens.sign(key.encode(), code)}"


def test_a_reporter_reads_what_holds_and_says_otherwise(client: httpx.Client) -> None:
    usual = {"channel": None, "language": None, "digest": None, "quiet": "texts 21:00-06:00"}
    assert client.get(link(CODE)).json() == usual
    wish = {"channel": "email", "language": "en", "digest": "07:00", "quiet": None}
    said = client.put(link(CODE), json=wish)
    assert (said.status_code, said.json()) == (200, wish)
    assert client.get(link(CODE)).json() == wish


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"digest": "7"}, "digest"),
        ({"quiet": "21:00"}, "quiet"),
        ({"quiet": "21:00-24:00"}, "quiet"),
        ({"language": "fr"}, "language"),
        ({"channel": "pigeon"}, "channel"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(client: httpx.Client, wish: dict[str, str], field: str) -> None:
    answer = client.put(link(CODE), json=wish)
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["errors"]} == {field}


def test_who_may_not_learns_nothing(client: httpx.Client) -> None:
    """Forged, of nobody, of somebody erased, of another key: all the same answer."""
    forged = f"/preferences/{CODE}.aaaaaaaaaaaaaaaaaaaaaaaa"
    refused = [forged, link("TRT-0000-000"), link(ERASED), link(CODE, "another"), "/preferences/x", "/preferences/x."]
    for method in ("GET", "PUT"):
        answers = [client.request(method, each, json={}) for each in refused]
        assert {each.status_code for each in answers} == {404}
        assert len({each.text for each in answers}) == 1


def test_the_operator_sets_shows_and_resets_an_offices(folder: Path) -> None:
    wish = ("--digest", "07:00", "--quiet", "21:00-06:00", "--language", "en", "--channel", "email")
    done = estafet_notify(folder, "prefer", "lake", *wish)
    assert done.returncode == 0, done.stderr
    changed = estafet_notify(folder, "prefer", "lake", "--quiet", "none")
    assert changed.stdout.split()[-5:] == ["lake", "email", "en", "07:00", "-"]
    everybody = estafet_notify(folder, "show").stdout
    assert "lake" in everybody
    assert CODE not in everybody
    assert estafet_notify(folder, "reset", "lake").returncode == 0
    again = estafet_notify(folder, "reset", "lake")
    assert (again.returncode, again.stderr) == (1, "estafet: Nothing is set for lake. See: estafet notify show\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("prefer", "atlantis", "--digest", "07:00"), "There is no office atlantis, and no report of that code"),
        (("prefer", "lake", "--digest", "noon"), "an hour is written as 07:00, not noon"),
        (("prefer", "lake", "--channel", "pigeon"), "There is no channel pigeon"),
        (("prefer", "lake"), "Say what"),
    ],
)
def test_the_operator_is_told_what_is_wrong(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = estafet_notify(folder, *arguments)
    assert done.returncode == 1
    assert sentence in done.stderr


def test_the_operator_can_speak_for_a_reporter_who_asks(folder: Path) -> None:
    done = estafet_notify(folder, "prefer", CODE, "--digest", "18:30")
    assert done.returncode == 0, done.stderr
    assert "18:30" in estafet_notify(folder, "show", CODE).stdout
    assert estafet_notify(folder, "show", ERASED).returncode == 1


def test_nothing_personal_is_kept_of_a_preference(folder: Path) -> None:
    database = connect(f"sqlite:///{folder / 'notify.sqlite'}")
    with database.read() as connection:
        kept = list(connection.exec_driver_sql("select * from preferences"))
    database.engine.dispose()
    assert not [row for row in kept for value in row if "sri" in str(value).lower()]


FORM = {
    **{"language": "en", "digest": "daily", "hour": "07:00"},
    **{"quiet": "nothing", "begins": "20:00", "ends": "05:30"},
}


@pytest.mark.parametrize("reader", [CODE, "lake"])
def test_a_reader_chooses_on_a_page(client: httpx.Client, reader: str) -> None:
    page = client.get(f"{link(reader)}/page")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    origin = str(client.base_url).rstrip("/")
    saved = client.post(f"{link(reader)}/page", data=FORM, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"})
    assert (saved.status_code, "Saved." in saved.text) == (200, True)
    kept = client.get(link(reader)).json()
    assert (kept["language"], kept["digest"], kept["quiet"]) == ("en", "07:00", "20:00-05:30")
    assert client.get(f"{link(reader)}/page").text.count("checked") == 3


def test_what_cannot_be_kept_is_asked_again(client: httpx.Client) -> None:
    before = client.get(link("mill")).json()
    answer = client.post(f"{link('mill')}/page", data={**FORM, "hour": ""})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert 'value="20:00"' in answer.text, "what else was chosen stands there still"
    assert client.get(link("mill")).json() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_changes_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post(f"{link('mill')}/page", data=FORM, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:estafet:problem:foreign-form")
    assert client.get(link("mill")).json()["digest"] is None


def test_a_link_of_nobody_is_told_so_on_a_page(client: httpx.Client) -> None:
    """Forged, of nobody, of somebody erased, of all reporters: all the same page, in the language of the browser."""
    refused = [
        f"/preferences/{CODE}.{'a' * 24}",
        link("TRT-0000-000"),
        link(ERASED),
        link("reporter"),
        "/preferences/x",
    ]
    for method in ("GET", "POST"):
        answers = [client.request(method, f"{each}/page", data=FORM if method == "POST" else None) for each in refused]
        assert {each.status_code for each in answers} == {404}
        assert {each.text.count("Tautan ini tidak berlaku") for each in answers} == {2}
    english = client.get(f"{refused[0]}/page", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert "This link is not good" in english.text


def test_only_a_form_is_one(client: httpx.Client) -> None:
    for answer in (
        client.post(f"{link(CODE)}/page", json=FORM),
        client.post(
            f"{link(CODE)}/page", content=b"\xff", headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        client.post(f"{link(CODE)}/page", data={f"f{each}": "" for each in range(30)}),
    ):
        assert answer.status_code == 400
