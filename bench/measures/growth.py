"""A database that has been used for years: reports copied on the server, as they stand after an offer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg import sql

from bench.contenders.ours import Ours
from bench.load import publish
from estafet.client import Client
from tests.bed.process import wait_until

#: What is different in each copy, by column, in PostgreSQL's own words; ``n`` is the copy's number.
_TICKETS = {
    "tickets": {
        "code": "'OLD-' || n",
        "id": "md5('ticket' || n)",
        "reference": "null",
        "pending": "md5('handoff' || n)",
        "offered_to": "offices[1 + n %% cardinality(offices)]",
    },
    "texts": {"code": "'OLD-' || n", "text": "'Laporan ' || md5('text' || n) || ' tentang KTP yang rusak'"},
    "handoffs": {"id": "md5('handoff' || n)", "code": "'OLD-' || n"},
    "holdings": {"code": "'OLD-' || n"},
    "chain": {"code": "'OLD-' || n", "id": "md5(position || 'entry' || n)"},
    "inbox": {"id": "md5(subscription || n)"},
}
_ROUTING = {
    "cases": {"ticket": "'OLD-' || n"},
    "clocks": {"ticket": "'OLD-' || n"},
    "inbox": {"id": "md5(subscription || n)"},
}
_NOTIFY = {
    "standings": {"ticket": "'OLD-' || n"},
    "deliveries": {"ticket": "'OLD-' || n", "id": "md5('delivery' || n)", "event_id": "md5('event' || n)"},
    "inbox": {"id": "md5(subscription || n)"},
}
_TABLES = {"tickets": _TICKETS, "routing": _ROUTING, "notify": _NOTIFY}
#: What is copied: of the chain two entries, of the inbox a message of each subscription, of all else what is there.
_MOULDS = {
    "chain": "select * from chain where code = %(code)s and name in ('ticket.opened', 'handoff.offered')",
    "inbox": "select distinct on (subscription) * from inbox",
}
_MOULD = "select * from {table} where {key} = %(code)s"
#: Entries of a report that was accepted.
_BEGINNING = 8
#: Copies of one statement.
_CHUNK = 50_000


def grow(ours: Ours, reports: int) -> None:
    """Let there be so many reports more, made from one that is offered. Returns when all is quiet."""
    code, _, _ = _offered(ours)
    with ours.system.client() as client:
        offices = [each["code"] for each in client.offices("department")]
    given = {"code": code, "offices": offices}
    with ThreadPoolExecutor() as pool:
        filled = [pool.submit(_fill, ours.conninfo(each), _TABLES[each], given, reports) for each in _TABLES]
        for each in filled:
            each.result()


def _fill(conninfo: str, tables: Mapping[str, Mapping[str, str]], given: Mapping[str, object], count: int) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute("set session_replication_role = replica")  # what is copied refers to what is copied
        for table, changed in tables.items():
            indexes = connection.execute(_INDEXES, [table]).fetchall()
            for name, _ in indexes:
                connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
            _multiply(connection, table, changed, given, count)
            for _, definition in indexes:
                connection.execute(definition.encode())
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")


def _multiply(
    connection: psycopg.Connection, table: str, changed: Mapping[str, str], given: Mapping[str, object], count: int
) -> None:
    names = [name for (name,) in connection.execute(_COLUMNS, [table])]
    mould = _MOULDS.get(table) or _MOULD.format(table=table, key="code" if "code" in names else "ticket")
    connection.execute(f"create temporary table mould as {mould}".encode(), given)
    statement = sql.SQL(
        "insert into {table} ({names}) select {values}"
        " from mould, generate_series({{first}}, {{last}}) as n, (select %(offices)s::text[] as offices) as given"
    ).format(
        table=sql.Identifier(table),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(
            sql.SQL(changed[name]) if name in changed else sql.Identifier("mould", name) for name in names
        ),
    )
    for first in range(1, count + 1, _CHUNK):
        last = min(first + _CHUNK - 1, count)
        text = statement.as_string(connection).replace("{first}", str(first)).replace("{last}", str(last))
        connection.execute(text.encode(), given)
    connection.execute("drop table mould")


#: All but those of keys: built at once in the end, which is faster than row by row.
_INDEXES = """
    select indexname::text, indexdef from pg_indexes
    where tablename = %s and indexname not in (select conname from pg_constraint)
"""
_COLUMNS = "select column_name::text from information_schema.columns where table_name = %s order by ordinal_position"


def appends(ours: Ours, lengths: Sequence[int], times: int) -> dict[int, list[float]]:
    """Seconds that a note takes on reports whose chains are about so long, in turns; so many notes on each."""
    took: dict[int, list[float]] = {length: [] for length in lengths}
    tokens = ours.system.tokens()
    with ours.system.client() as client:
        open = {length: _accepted(ours, client, tokens) for length in lengths}
        for length, (code, version, officer) in open.items():
            for _ in range(length - _BEGINNING):
                officer.note(code, version, "Sudah diperiksa.")
        for _ in range(times):
            for length, (code, version, officer) in open.items():
                began = time.monotonic()
                officer.note(code, version, "Sudah diperiksa.")
                took[length].append(time.monotonic() - began)
    return took


def _accepted(ours: Ours, client: Client, tokens: Mapping[str, str]) -> tuple[str, int, Client]:
    code, office, version = _offered(ours)
    officer = client.using(tokens[office])
    return code, officer.accept(code, version)["version"], officer


def _offered(ours: Ours) -> tuple[str, str, int]:
    """A report, the office that is asked, and the version."""
    run = publish(ours.intake_uri, 1)
    wait_until(lambda: ours.rows("tickets", _OFFERED.format(run=run)), what="the report to be offered")
    code, office, version = ours.rows("tickets", _OFFERED.format(run=run))[0]
    return code, office, version


_OFFERED = "select code, offered_to, version from tickets where reference like '{run}-%' and status = 'offered'"
