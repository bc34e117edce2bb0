"""A backup comes back as it was; what cannot be restored is refused before anything is touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from sqlalchemy import MetaData, inspect, make_url, select, text

from estafet.backup import manifest, restoring, taking
from estafet.backup.errors import Unfit
from estafet.backup.store import Store
from estafet.backup.stores import opened
from estafet.relay import migrate, tables
from estafet.relay.database import Database, connect
from tests.bed import Databases
from tests.integration.backup.books import commit, hear, put_away, unpublished
from tests.integration.backup.conftest import Urls

#: What has nothing to do with the kind of database.
one_form = pytest.mark.parametrize("kind", ["sqlite"])


@pytest.fixture
def kept(urls: Urls, databases: Mapping[str, Database], tmp_path: Path) -> Path:
    """A backup of an event that routing has heard and notify has not."""
    routing = commit(databases["tickets"], "handoff.offered")
    hear(databases["routing"], "routing.watch", "tickets", routing)
    with opened(urls) as stores:
        taking.take(stores, tmp_path / "kept", "1.0")
    for database in databases.values():
        database.engine.dispose()
    return tmp_path / "kept"


def restore(urls: Urls, folder: Path, replace: bool = False) -> Mapping[str, Mapping[str, int]]:
    with opened(urls) as stores:
        made = restoring.check(stores, folder, replace)
        for store in stores:
            restoring.restore(store, folder, made.services[store.service], urls[store.service])
    return restoring.make_good(urls)


def events(url: str) -> list[str]:
    database = connect(url)
    with database.read() as connection:
        found = list(connection.execute(select(tables.outbox.c.id)).scalars())
    database.engine.dispose()
    return found


def test_it_comes_back_as_it_was_and_what_notify_lacks_is_published_again(
    urls: Urls, kept: Path, fresh: Callable[[], Urls]
) -> None:
    new = fresh()
    assert restore(new, kept) == {"tickets": {"notify.tell": 1}, "routing": {}, "notify": {}}
    assert events(new["tickets"]) == events(urls["tickets"])
    database = connect(new["tickets"])
    assert unpublished(database) == set(events(new["tickets"]))
    database.engine.dispose()
    assert all(migrate.is_current(service, url) for service, url in new.items())


def test_a_photo_comes_back_to_the_last_byte(
    urls: Urls, databases: Mapping[str, Database], fresh: Callable[[], Urls], tmp_path: Path
) -> None:
    photo = bytes(range(256)) * 2000
    _keep_photo(databases["tickets"], photo)
    with opened(urls) as stores:
        taking.take(stores, tmp_path / "photos", "1.0")
    new = fresh()
    restore(new, tmp_path / "photos")
    database = connect(new["tickets"])
    with database.read() as connection:
        rows = connection.exec_driver_sql("select content, thumbnail from attachments").all()
    database.engine.dispose()
    assert [(bytes(row.content), bytes(row.thumbnail)) for row in rows] == [(photo, b"\xff\xd8\xff")]


def _keep_photo(database: Database, photo: bytes) -> None:
    """A report's row with nothing but what must be there, and a photo of it."""
    metadata, now = MetaData(), datetime.now(UTC)
    samples = {"BOOLEAN": False, "INTEGER": 1, "JSON": [], "DATETIME": now, "TIMESTAMP": now, "BLOB": b"", "BYTEA": b""}
    with database.begin() as connection:
        metadata.reflect(connection, only=["tickets", "attachments"])
        for name, known in (
            ("tickets", {"code": "KDR-7F3K-92Q"}),
            ("attachments", {"code": "KDR-7F3K-92Q", "content": photo, "thumbnail": b"\xff\xd8\xff"}),
        ):
            needed = [each for each in metadata.tables[name].c if not each.nullable]
            row = {each.name: samples.get(str(each.type).split("(")[0], "x") for each in needed}
            connection.execute(metadata.tables[name].insert().values(**{**row, **known}))


def test_databases_that_hold_something_are_left_alone_unless_told(urls: Urls, kept: Path) -> None:
    database = connect(urls["tickets"])
    commit(database, "handoff.offered")
    with database.begin() as connection:
        connection.execute(text("create table of_a_later_release (id integer primary key)"))
    database.engine.dispose()
    with pytest.raises(Unfit, match="tickets is not empty"):
        restore(urls, kept)
    assert len(events(urls["tickets"])) == 2
    restore(urls, kept, replace=True)
    assert len(events(urls["tickets"])) == 1
    with database.read() as connection:
        assert "of_a_later_release" not in inspect(connection).get_table_names()
    database.engine.dispose()


def test_databases_in_use_are_left_alone(urls: Urls, kept: Path) -> None:
    database = connect(urls["notify"])
    with database.read() as connection:
        connection.execute(text("select count(*) from inbox"))
    with pytest.raises(Unfit, match="notify is in use"):
        restore(urls, kept, replace=True)
    database.engine.dispose()
    restore(urls, kept, replace=True)


@one_form
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"form": "dbase"}, "is of dbase"),
        ({"migration": "9999"}, "made by version 1.0, whose tickets is newer"),
        ({"services": {}}, "not a backup of this system"),
        ({"sha256": "0" * 64}, "tickets.* was changed"),
    ],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_touched(
    urls: Urls, kept: Path, change: dict[str, Any], said: str
) -> None:
    document = json.loads((kept / manifest.FILE).read_text())
    part = document if change.keys() <= document.keys() else document["services"]["tickets"]
    part |= change
    (kept / manifest.FILE).write_text(json.dumps(document))
    before = events(urls["tickets"])
    with pytest.raises(Unfit, match=said):
        restore(urls, kept, replace=True)
    assert events(urls["tickets"]) == before


@one_form
def test_rows_that_are_missing_after_it_are_noticed(urls: Urls, kept: Path, fresh: Callable[[], Urls]) -> None:
    document = json.loads((kept / manifest.FILE).read_text())
    document["services"]["routing"]["counts"]["inbox"] += 1
    (kept / manifest.FILE).write_text(json.dumps(document))
    with pytest.raises(Unfit, match="routing was not restored whole: rows are missing in inbox"):
        restore(fresh(), kept)


@one_form
def test_a_backup_has_a_folder_of_its_own(stores: Sequence[Store], kept: Path) -> None:
    with pytest.raises(Unfit, match="is not empty: a backup has a folder of its own"):
        taking.take(stores, kept, "1.0")


def test_a_database_that_was_never_prepared_is_not_kept(fresh: Callable[[], Urls], tmp_path: Path) -> None:
    with opened(fresh()) as stores, pytest.raises(Exception, match=r"estafet migrate|inbox"):
        taking.take(stores, tmp_path / "none", "1.0")
    assert not list((tmp_path / "none").iterdir())


def test_only_what_somebody_lacks_is_published_again(urls: Urls, databases: Mapping[str, Database]) -> None:
    tickets, routing, notify = (databases[service] for service in ("tickets", "routing", "notify"))
    heard, discarded, lacking = (commit(tickets, "handoff.offered") for _ in range(3))
    waiting, answer = commit(tickets, "handoff.offered", published=False), commit(tickets, "report.accepted")
    hear(routing, "routing.watch", "tickets", heard, discarded, lacking)
    hear(notify, "notify.tell", "tickets", heard)
    hear(notify, "notify.tell", "routing", lacking)  # another's event under the same id
    put_away(notify, "notify.tell", "tickets", discarded, "discarded")
    decision = commit(routing, "handoff.routed")
    hear(tickets, "tickets.decide", "routing", decision)
    assert restoring.make_good(urls) == {
        "tickets": {"notify.tell": 1, "apps": 1},
        "routing": {},
        "notify": {},
    }
    assert unpublished(tickets) == {waiting, lacking, answer}
    assert unpublished(routing) == set()


def test_what_is_restored_belongs_to_the_databases_owner_whoever_restores(postgres: Databases, tmp_path: Path) -> None:
    name = postgres.fresh_name("owned")
    own = postgres.create_database(name, owner=name)
    migrate.upgrade("tickets", own)
    administrator = {"tickets": postgres.url(name)}
    with opened(administrator) as stores:
        taking.take(stores, tmp_path / "kept", "1.0")
        made = restoring.check(stores, tmp_path / "kept", replace=True)
        restoring.restore(stores[0], tmp_path / "kept", made.services["tickets"], administrator["tickets"])
    database = connect(own)
    with database.read() as connection:
        owners = connection.execute(text("select distinct tableowner from pg_tables where schemaname = 'public'"))
        assert list(owners.scalars()) == [make_url(own).username]
    commit(database, "handoff.offered")
    database.engine.dispose()
    with opened({"tickets": own}) as stores:  # the service itself may, too
        taking.take(stores, tmp_path / "own", "1.0")
        made = restoring.check(stores, tmp_path / "own", replace=True)
        restoring.restore(stores[0], tmp_path / "own", made.services["tickets"], own)
    assert len(events(own)) == 1
    postgres.drop_database(name)
    postgres.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
