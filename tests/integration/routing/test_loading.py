from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, select

from estafet.events import Event, contract, encode
from estafet.relay import tables
from estafet.relay.database import Database
from services.routing import store
from services.routing.city import loading
from services.routing.city.check import build
from services.routing.city.error import CityError, Fault
from services.routing.city.files import read
from services.routing.city.in_force import in_force
from services.routing.city.model import City
from tests.cities import KEDIRI, WATU, city
from tests.integration.routing.post import Post
from tests.unit.routing.life import LIFE
from tests.unit.routing.reports import opened


def changed(base: City, part: str, change: Callable[[Any], Any]) -> City:
    return build({**base.document, part: change(base.document[part])})


def without(base: City, *codes: str) -> City:
    """A city without these offices; a neighbour answers for their areas."""
    heir = "kelurahan-mojoroto"
    offices = [each for each in base.document["offices"] if each["code"] not in codes]
    areas = [{**each, "office": heir if each["office"] in codes else each["office"]} for each in base.document["areas"]]
    return build({**base.document, "offices": offices, "areas": areas})


def with_holder(office: str) -> Iterator[Event]:
    """A report that is offered to an office, accepted by it, and closed."""
    for event in LIFE:
        if event.name in ("handoff.offered", "handoff.accepted", "ticket.closed"):
            stand = event.data["ticket"]
            holder = office if stand["holder"] == "dpupr" else stand["holder"]
            yield replace(event, data={**event.data, "receiver": office, "ticket": {**stand, "holder": holder}})


def test_a_city_is_published_whole(post: Post) -> None:
    assert loading.load(post.works, read(KEDIRI)) == 1
    (published,) = post.said("directory.published")
    data = contract("directory.published").schema().load(published.data)
    assert (data["city"], data["number"], data["front_desk"], data["code_prefix"]) == ("Kota Kediri", 1, "loket", "KDR")
    assert (data["emergency_number"], data["timezone"]) == ("112", "Asia/Jakarta")
    assert len(data["offices"]) == len(city(KEDIRI).offices)
    bujel = next(office for office in data["offices"] if office["code"] == "kelurahan-bujel")
    assert (bujel["area"], bujel["parent"], bujel["kind"]) == ("35.71.01.1006", "kecamatan-mojoroto", "kelurahan")
    assert data["areas"]["35.71.01.1006"] == "Bujel"
    ojk = next(office for office in data["offices"] if office["code"] == "ojk")
    assert ojk["needs"] == ["name", "contact", "text"]
    assert published.subject is None


def test_categories_are_published_with_their_agency_and_what_people_call_them(post: Post) -> None:
    loading.load(post.works, city(KEDIRI))
    (published,) = post.said("directory.published")
    services = {each["code"]: each for each in published.data["services"]}
    assert {code: each["agency"] for code, each in services.items() if each["agency"]} == {
        "investasi-mencurigakan": "ojk",
        "pinjaman-online-ilegal": "ojk",
        "air-minum": "pdam",
        "listrik-padam": "pln",
        "sertifikat-tanah": "bpn",
    }
    assert "lampu mati" in services["penerangan-jalan"]["words"]["id"]
    assert all(each["words"]["id"] and each["words"]["en"] for each in services.values())
    assert len(encode(published)) < 60_000


def test_years_to_keep_reports_are_published_when_the_policy_says_any(post: Post) -> None:
    loading.load(post.works, city(KEDIRI))
    loading.load(post.works, city(WATU))
    kediri, watu = (each.data for each in post.said("directory.published"))
    assert kediri["retention_years"] == 5
    assert "retention_years" not in watu


def test_the_same_city_keeps_its_number_and_another_gets_the_next(post: Post) -> None:
    assert [loading.load(post.works, city(folder)) for folder in (KEDIRI, KEDIRI, WATU, KEDIRI)] == [1, 1, 2, 3]
    published = post.said("directory.published")
    assert [each.data["number"] for each in published] == [1, 1, 2, 3]
    assert published[0].data["edition"] == published[3].data["edition"] != published[2].data["edition"]


def test_the_running_service_decides_by_the_newest_city(post: Post) -> None:
    loading.load(post.works, city(KEDIRI))
    post.deliver(opened(category="banjir", ticket="A"))

    def move_floods(offices: Any) -> Any:
        moved = {"bpbd": ["pohon-tumbang"], "dpupr": ["jalan-kota", "drainase", "jembatan", "tata-ruang", "banjir"]}
        return [{**each, "competence": moved.get(each["code"], each.get("competence", []))} for each in offices]

    loading.load(post.works, changed(city(KEDIRI), "offices", move_floods))
    post.deliver(opened(category="banjir", ticket="B"))
    assert [each.data["receiver"] for each in post.said("handoff.routed")] == ["bpbd", "dpupr"]


def test_an_office_that_holds_or_is_offered_reports_cannot_be_dropped(post: Post) -> None:
    loading.load(post.works, city(KEDIRI))
    offered = "kelurahan-bujel"
    post.deliver(opened(ticket="KDR-0001", category="surat-pengantar", place="35.71.01.1006"))
    for event in with_holder(offered):
        post.deliver(event)
        if event.name == "ticket.closed":
            break
        with pytest.raises(CityError) as caught:
            loading.load(post.works, without(city(KEDIRI), offered))
        reason = "1 open reports are with it: let a coordinator assign them to another office first"
        assert caught.value.faults == (Fault("offices.yaml", offered, "code", reason),)
        assert len(post.said("directory.published")) == 1
    assert loading.load(post.works, without(city(KEDIRI), offered)) == 2


def test_a_new_calendar_sets_the_holders_clock_anew_and_leaves_the_promise(post: Post) -> None:
    loading.load(post.works, city(KEDIRI))
    post.deliver(*LIFE[:3])
    before = dues(post)
    calendar = changed(city(KEDIRI), "calendar", lambda given: {**given, "leave": [*given["leave"], "2026-03-12"]})
    loading.load(post.works, calendar)
    assert dues(post) == before
    post.sweep()
    after = dues(post)
    assert after["hold"] > before["hold"]
    assert after["resolve"] == before["resolve"]
    assert post.rang() == []
    with post.database.read() as connection:
        assert connection.execute(select(store.cases.c.directory)).scalars().all() == [2]


def test_a_city_larger_than_an_event_is_refused_and_not_kept(post: Post) -> None:
    def many(areas: Any) -> Any:
        return [*areas, *({"code": f"x.{n}", "name": "n" * 200, "office": "dpupr"} for n in range(2000))]

    with pytest.raises(CityError, match=r"offices\.yaml: \d+ bytes as an event"):
        loading.load(post.works, changed(city(KEDIRI), "areas", many))
    assert post.said() == []
    assert loading.load(post.works, city(KEDIRI)) == 1


def test_the_migrations_make_the_tables_that_the_code_reads(database: Database) -> None:
    expected = MetaData()
    for each in (store.metadata, tables.metadata):
        for table in each.tables.values():
            table.to_metadata(expected)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, expected)
    assert [each for each in differences if "alembic_version" not in str(each)] == []


def dues(post: Post) -> dict[str, Any]:
    with post.database.read() as connection:
        rows = connection.execute(select(store.clocks.c.clock, store.clocks.c.due)).all()
    return {row.clock: row.due for row in rows}


def test_what_a_later_release_wrote_beside_is_passed_over(post: Post) -> None:
    """Replicas of both work side by side while one replaces the other. In a file, unknown fields are mistakes."""
    document = {part: _with_news(value) for part, value in city(KEDIRI).document.items()}
    with pytest.raises(CityError, match="news"):
        build(document)
    with post.works.begin() as work:
        store.add_directory(work.connection, 1, "of a later release", rfc8785.dumps(document), work.now)
    with post.works.begin() as work:
        known = in_force(work.connection)
    assert known is not None
    assert replace(known.directory.city, document={}) == replace(city(KEDIRI), document={})


def _with_news(part: Any) -> Any:
    """Fields of tomorrow, in the part, in each of its entries and in what they hold."""
    if isinstance(part, list):
        return [_with_news(entry) for entry in part]
    inner = {name: {**value, "news": 1} if name in ("accept", "retention") else value for name, value in part.items()}
    return {**inner, "news": {"of": "tomorrow"}}
