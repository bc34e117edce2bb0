"""An office's own feed: what it is told stands there, on real databases and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from sqlalchemy import update

from estafet.events import Event
from estafet.relay.work import Works
from services.notify import tokens
from services.notify.feed import feeding
from services.notify.feed.atom import Feed
from services.notify.preferences import preferring
from services.notify.preferences.preference import from_texts
from services.notify.sending.sender import Sender
from services.notify.tables import deliveries
from services.notify.wording.phrasebook import packaged
from tests.bed.process import free_ports
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event, prepared
from tests.integration.notify.sent import Scripted, published
from tests.integration.notify.serving import PORTS, estafet_notify, serving, wait_for
from tests.unit.notify.feed.test_atom import ATOM, check
from tests.unit.notify.samples import ticket

KEY = "a-long-random-text"


def city(number: int = 1, without: str | None = None) -> Event:
    """The directory; ``without``: an office that has no address."""
    found = event("directory.published", f"e-{number}", number=number)
    offices = [each | {"email": None} if each["code"] == without else each for each in found.data["offices"]]
    return replace(found, data={**found.data, "offices": offices})


def offered(number: int, **standing: Any) -> Event:
    return event("handoff.offered", f"o-{number}", number, ticket=ticket(status="offered", **standing))


def read(works: Works, office: str = "lake") -> Feed:
    with works.database.read() as connection:
        found = feeding.feed(connection, office, URL, f"{URL}/feed/x", packaged())
    assert found is not None
    return found


def test_what_an_office_is_told_stands_in_its_feed_newest_first(works: Works, clock: Hands) -> None:
    arrive(works, city(), offered(2))
    clock.forward(timedelta(minutes=1))
    arrive(works, event("note.added", "n-1", 3, ticket=ticket(holder="lake"), office=None))
    feed = read(works)
    assert (feed.title, feed.author, feed.language) == ("Kelurahan Telaga", "Kota Tirtajaya", "id")
    assert [each.at for each in feed.entries] == [clock.now(), clock.now() - timedelta(minutes=1)]
    assert feed.updated == clock.now()
    newest, oldest = feed.entries
    assert newest.title.startswith(f"[{CODE}]")
    assert "Bukan wilayah kami." in oldest.text
    assert oldest.link == f"{URL}/t/{CODE}"
    before = [each.id for each in feed.entries]
    Sender(works, Scripted(), URL).run()
    assert [each.id for each in read(works).entries] == before, "sent or not, the entry is the same"


def test_each_has_its_own(works: Works) -> None:
    arrive(works, city(), event("reporter.given", "g"), event("ticket.opened", "e-2", 1), offered(2))
    assert [each.title for each in read(works, "lake").entries] != []
    assert read(works, "roads").entries == ()
    with works.database.read() as connection:
        assert feeding.feed(connection, "atlantis", URL, "", packaged()) is None
        assert feeding.feed(connection, "reporter", URL, "", packaged()) is None
    text = "".join(
        each.text + each.title for office in ("lake", "desk", "mill") for each in read(works, office).entries
    )
    assert "Sri" not in text
    assert "kunci-rahasia" not in text


def test_what_an_agency_is_given_is_in_no_feed(works: Works) -> None:
    arrive(works, city(), event("ticket.opened", "e-2", 1), event("referral.packaged", "p-1"))
    assert read(works, "regulator").entries == ()


def test_a_confidential_report_says_no_more_than_its_letter(works: Works) -> None:
    arrive(works, city(), offered(2, confidential=True, category="bribe"))
    [entry] = read(works).entries
    mail = Scripted()
    Sender(works, mail, URL).run()
    assert (entry.title, entry.text) == (mail.letters[0].wording.brief, mail.letters[0].wording.text)
    assert "Bukan wilayah kami." not in entry.text


def test_it_speaks_the_offices_language(works: Works, clock: Hands) -> None:
    arrive(works, city(), offered(2))
    with works.begin() as work:
        wish = from_texts({"channel": None, "language": "en", "digest": "07:00", "quiet": None})
        preferring.keep(work.connection, "lake", wish, clock.now())
    Sender(works, Scripted(), URL).run()  # which leaves it to the digest
    feed = read(works)
    assert feed.language == "en"
    [entry] = feed.entries
    assert entry.title == f"[{CODE}] Offered to your office"


def test_the_newest_fifty_and_no_old_news(works: Works) -> None:
    arrive(works, city(), *(offered(number) for number in range(2, 62)))
    feed = read(works)
    assert len(feed.entries) == feeding.MOST
    with works.begin() as work:
        work.connection.execute(update(deliveries).values(state="superseded"))
    assert read(works).entries == ()


def test_an_office_without_an_address_is_told_there(works: Works) -> None:
    arrive(works, city(without="lake"), offered(2))
    mail = Scripted()
    Sender(works, mail, URL).run()
    assert mail.letters == []
    [told] = [each for each in published(works) if each.data["recipient"] == "lake"]
    assert (told.name, told.data["channel"], told.data["state"]) == ("notification.sent", "feed", "sent")
    assert len(read(works).entries) == 1


def test_an_agency_without_an_address_is_not(works: Works) -> None:
    arrive(works, city(without="regulator"), event("ticket.opened", "e-2", 1), event("referral.packaged", "p-1"))
    Sender(works, Scripted(), URL).run()
    [told] = [each for each in published(works) if each.data["recipient"] == "regulator"]
    assert (told.name, told.data["error"]) == ("notification.failed", "no-contact")


def test_it_is_found_by_its_index(tmp_path: Path) -> None:
    database = prepared(f"sqlite:///{tmp_path / 'notify.sqlite'}")
    query = feeding._NEWEST.params(office="lake").compile(database.engine, compile_kwargs={"render_postcompile": True})
    with database.read() as connection:
        plan = connection.exec_driver_sql(f"explain query plan {query}".replace("?", "?1"), ("lake",)).all()
    database.engine.dispose()
    assert [row[-1] for row in plan] == ["SEARCH deliveries USING INDEX deliveries_feed (recipient=?)"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feed")
    works = Works("notify", prepared(f"sqlite:///{folder / 'notify.sqlite'}"), Hands())
    arrive(works, city(), offered(2))
    works.database.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    port = free_ports(PORTS)
    environment = {
        "ESTAFET_SECRET_KEY": KEY,
        "ESTAFET_PUBLIC_URL": URL,
        "ESTAFET_HTTP_ADDRESS": f"127.0.0.1:{port}",
    }
    url = f"http://127.0.0.1:{port + 2}"
    with serving(folder, environment), httpx.Client(base_url=url, timeout=20) as client:
        wait_for(url)
        yield client


def path(office: str = "lake", key: str = KEY) -> str:
    return tokens.feed_address("", key.encode(), office)


def test_a_feed_reader_reads_it_and_asks_again_only_for_what_is_new(client: httpx.Client, folder: Path) -> None:
    first = client.get(path())
    assert first.status_code == 200
    assert first.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, no-cache"
    [entry] = check(first.content)
    itself = ElementTree.fromstring(first.content).find(f"{ATOM}link")
    assert itself is not None
    assert itself.get("href") == URL + path()
    tag, at = first.headers["ETag"], first.headers["Last-Modified"]
    for known in ({"If-None-Match": tag}, {"If-Modified-Since": at}, {"If-None-Match": f'"x", {tag}'}):
        again = client.get(path(), headers=known)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    works = Works("notify", prepared(f"sqlite:///{folder / 'notify.sqlite'}"), Hands())
    works.clock.forward(timedelta(minutes=1))
    arrive(works, event("note.added", "n-1", 3, ticket=ticket(holder="lake"), office=None))
    works.database.engine.dispose()
    for known in ({"If-None-Match": tag}, {"If-Modified-Since": at}):
        new = client.get(path(), headers=known)
        assert new.status_code == 200
        assert [each.findtext(f"{ATOM}id") for each in check(new.content)][1:] == [entry.findtext(f"{ATOM}id")]


def test_who_has_no_link_reads_nothing(client: httpx.Client) -> None:
    wrong = [path(key="another"), path("atlantis"), path()[:-1], "/feed/lake", "/feed/."]
    wrong.append(f"/feed/{tokens.sign(KEY.encode(), 'lake')}")
    for each in wrong:
        assert client.get(each).status_code == 404, each
    assert client.get(f"/preferences/{path().removeprefix('/feed/')}").status_code == 404


def test_the_operator_is_told_the_link(folder: Path) -> None:
    def show(**settings: str) -> str:
        done = estafet_notify(folder, "show", "lake", **settings)
        assert done.returncode == 0, done.stderr
        return str(done.stdout)

    assert URL + path() in show(ESTAFET_SECRET_KEY=KEY, ESTAFET_PUBLIC_URL=URL)
    assert "ESTAFET_SECRET_KEY" in show()
    assert not (folder / "secret-key").exists()
