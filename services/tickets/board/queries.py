"""What the board asks the database: six questions, each of which counts, and reads each table once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Float,
    Null,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from services.tickets.board.counted import Count, Counted
from services.tickets.rating.ikm import Answers
from services.tickets.rating.survey import ELEMENTS
from services.tickets.rating.tables import ratings
from services.tickets.tables import handoffs, holdings, tickets

#: Reports listed as waiting longest.
MOST_WAITS = 10
#: As the index of these is declared: with parameters PostgreSQL could not know that they are the same.
_WORKING: ColumnElement[bool] = literal_column("(tickets.status NOT IN ('resolved', 'closed'))", Boolean())


class seconds(FunctionElement[float]):
    """``seconds(since, until)``: how long it took."""

    type = Float()
    inherit_cache = True


@compiles(seconds, "postgresql")
def _of_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    since, until = (compiler.process(each, **options) for each in element.clauses)
    return f"extract(epoch from ({until} - {since}))::float"


@compiles(seconds, "sqlite")
def _of_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    since, until = (compiler.process(each, **options) for each in element.clauses)
    return f"((julianday({until}) - julianday({since})) * 86400.0)"


def count(
    connection: Connection, since: datetime, now: datetime, today: datetime, districts: Mapping[str, str]
) -> Counted:
    """Everything that a board needs of the time from ``since`` to ``now``.

    Of confidential reports and of ratings whole days are counted, up to when ``today`` began: from one look at the
    board to the next nobody learns what one person did between them.
    """
    days = (today - (now - since), today)
    reports = _Reports(connection, since, days, districts)
    answered = _answered(connection, since)
    held, hidden = _held(connection, now, today)
    rated, contacted = _ratings(connection, *days)
    return Counted(
        opened={(category, place): each.total for (category, place), each in reports.of("opened")},
        all=next((each.count for _, each in reports.of("all")), Count()),
        by_category={key: each.count for (key, _), each in reports.of("category")},
        by_area={key: each.count for (key, _), each in reports.of("area")},
        by_district={key: each.count for (key, _), each in reports.of("district") if key is not None},
        confidential=Count(
            opened=sum(each.total for _, each in reports.of("hidden")),
            resolved=sum(each.total for _, each in reports.of("hidden, done")),
            working=hidden,
        ),
        hops={int(key): each.total for (key, _), each in reports.of("hops")},
        first_answered=sum(each.first for each in answered),
        first_accepted=sum(each.first_accepted for each in answered),
        stopped=sum(each.stopped for each in answered),
        held=held,
        accepted=_accepted(connection, since),
        refused={each.receiver: each.refused for each in answered if each.refused},
        waits=_waits(connection),
        ratings=rated,
        contacted=contacted,
    )


@dataclass(frozen=True, slots=True)
class _Total:
    total: int
    seconds: float | None

    @property
    def count(self) -> Count:
        return Count(resolved=self.total, median=_span(self.seconds))


class _Reports:
    """The reports that came or were resolved in a period, counted in several ways by one statement."""

    def __init__(
        self, connection: Connection, since: datetime, days: tuple[datetime, datetime], districts: Mapping[str, str]
    ) -> None:
        district = case(dict(districts), value=tickets.c.place) if districts else cast(null(), String)
        came = tickets.c.opened_at >= since
        # Not reopened since: then there is no message that says so.
        done = and_(tickets.c.resolved_at >= since, tickets.c.resolved_message.is_not(None))
        first, today = days
        hidden_came, hidden_done = (
            and_(each >= first, each < today) for each in (tickets.c.opened_at, tickets.c.resolved_at)
        )
        some = (
            select(
                *(tickets.c[each] for each in ("category", "place", "hops", "confidential")),
                district.label("district"),
                came.label("came"),
                done.label("done"),
                hidden_came.label("hidden_came"),
                and_(hidden_done, tickets.c.resolved_message.is_not(None)).label("hidden_done"),
                seconds(tickets.c.opened_at, tickets.c.resolved_at).label("took"),
            )
            .where(or_(came, done, hidden_came, hidden_done))
            .cte("some")
        )
        listed, hidden = some.c.confidential.is_(False), some.c.confidential.is_(True)
        ways = [
            _counted("opened", (some.c.category, some.c.place), some.c.came, listed),
            _counted("hidden", (null(), null()), some.c.hidden_came, hidden),
            _counted("hidden, done", (null(), null()), some.c.hidden_done, hidden),
            _counted("hops", (cast(some.c.hops, String), null()), some.c.done, listed),
            _medians("all", literal_column("''"), some.c.took, some, some.c.done, listed),
            _medians("category", some.c.category, some.c.took, some, some.c.done, listed),
            _medians("area", some.c.place, some.c.took, some, some.c.done, listed),
            _medians("district", some.c.district, some.c.took, some, some.c.done, listed),
        ]
        self._rows = connection.execute(union_all(*ways)).all()

    def of(self, way: str) -> Iterator[tuple[tuple[Any, Any], _Total]]:
        """By the one or two keys that it counts by."""
        for row in self._rows:
            if row[0] == way:
                yield (row[1], row[2]), _Total(row[3], row[4])


def _counted(way: str, keys: tuple[Any, Any], *wanted: Any) -> Select[Any]:
    columns = (literal(way).label("way"), keys[0].label("key"), keys[1].label("other"))
    counted = select(*columns, func.count().label("total"), cast(null(), Float).label("seconds")).where(*wanted)
    return counted.group_by(*(each for each in keys if not isinstance(each, Null)))


def _medians(way: str, key: Any, value: Any, source: Any, *wanted: Any) -> Select[Any]:
    """How many there are of each key, and the median of their seconds."""
    lines = (
        select(
            key.label("key"),
            value.label("value"),
            func.row_number().over(partition_by=key, order_by=value).label("number"),
            func.count().over(partition_by=key).label("total"),
        )
        .select_from(source)
        .where(*wanted)
        .subquery()
    )
    middle = and_(2 * lines.c.number >= lines.c.total, 2 * lines.c.number <= lines.c.total + 2)
    columns = (literal(way).label("way"), lines.c.key, cast(null(), String).label("other"))
    middling = select(*columns, func.max(lines.c.total).label("total"), func.avg(lines.c.value).label("seconds"))
    return middling.where(middle).group_by(lines.c.key)


def _answered(connection: Connection, since: datetime) -> list[Any]:
    """By the office that was asked: how it answered, and how often a coordinator decided instead of the next office.

    That is: refused, unanswered or not allowed, and then brought before one, unless its holder had asked for that.
    """
    state, first = handoffs.c.state, handoffs.c.decision == "first"
    stopped = and_(
        state.in_(("blocked", "refused", "lapsed")),
        handoffs.c.coordinator.is_not(None),
        handoffs.c.convene.is_(False),
    )
    ways = {
        "refused": state == "refused",
        "first": and_(first, state.in_(("accepted", "refused", "lapsed"))),
        "first_accepted": and_(first, state == "accepted"),
        "stopped": stopped,
    }
    counts = [func.count().filter(each).label(name) for name, each in ways.items()]
    asked = select(handoffs.c.receiver, *counts).select_from(handoffs.join(tickets))
    wanted = asked.where(handoffs.c.began_at >= since, tickets.c.confidential.is_(False))
    return list(connection.execute(wanted.group_by(handoffs.c.receiver)))


def _accepted(connection: Connection, since: datetime) -> dict[str, Count]:
    """A stretch of custody that began with an acceptance, and the handoff that was accepted.

    An office accepts a report once: what it let go comes back to it by a coordinator's assignment alone.
    """
    same = and_(holdings.c.code == handoffs.c.code, holdings.c.office == handoffs.c.receiver)
    source = handoffs.join(holdings, and_(same, holdings.c.how == "accepted")).join(
        tickets, tickets.c.code == handoffs.c.code
    )
    took = seconds(handoffs.c.began_at, holdings.c.since)
    wanted = (handoffs.c.began_at >= since, handoffs.c.state == "accepted", tickets.c.confidential.is_(False))
    rows = connection.execute(_medians("accepted", handoffs.c.receiver, took, source, *wanted))
    return {row.key: Count(resolved=row.total, median=_span(row.seconds)) for row in rows}


def _held(connection: Connection, now: datetime, today: datetime) -> tuple[dict[str, tuple[int, int]], int]:
    """By holder what is worked on, and what of it is late; and how many confidential reports of before today are."""
    columns = (tickets.c.confidential, tickets.c.holder)
    late = func.count().filter(tickets.c.resolve_by < now)
    told = or_(tickets.c.confidential.is_(False), tickets.c.opened_at < today)
    rows = connection.execute(select(*columns, func.count(), late).where(_WORKING, told).group_by(*columns)).all()
    held = {holder: (many, overdue) for confidential, holder, many, overdue in rows if not confidential}
    return held, sum(many for confidential, _, many, _ in rows if confidential)


def _waits(connection: Connection) -> tuple[Any, ...]:
    columns = (tickets.c.code, tickets.c.category, tickets.c.holder, tickets.c.opened_at, tickets.c.resolve_by)
    oldest = select(*columns).where(_WORKING, tickets.c.confidential.is_(False)).order_by(tickets.c.opened_at)
    return tuple(tuple(row) for row in connection.execute(oldest.limit(MOST_WAITS)))


def _ratings(connection: Connection, since: datetime, until: datetime) -> tuple[dict[str, dict[str, Answers]], Answers]:
    """By office and element, under ``""`` how many gave any score; and how many offices reporters had to contact."""
    scored = or_(*(ratings.c[name].is_not(None) for name in ELEMENTS))
    answers = [each for name in (*ELEMENTS, "offices_contacted") for each in _answers(name)]
    columns = (func.coalesce(ratings.c.office, ""), func.count().filter(scored), *answers)
    found = select(*columns).where(ratings.c.at >= since, ratings.c.at < until).group_by(columns[0])
    rated, contacted = {}, Answers()
    for office, many, *pairs in connection.execute(found):
        given = [Answers(count, int(total or 0)) for count, total in zip(pairs[::2], pairs[1::2], strict=True)]
        contacted += given.pop()
        rated[office] = {"": Answers(many), **dict(zip(ELEMENTS, given, strict=True))}
    return rated, contacted


def _answers(name: str) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return func.count(ratings.c[name]), func.sum(ratings.c[name])


def _span(taken: float | None) -> timedelta | None:
    return None if taken is None else timedelta(seconds=max(round(taken), 0))
