from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.routing.city.model import Limit
from services.routing.deadlines import Deadlines, Pause
from tests.cities import KEDIRI, WATU, directory

folders = st.sampled_from([KEDIRI, WATU])
moments = st.timedeltas(timedelta(), timedelta(days=540)).map(lambda each: datetime(2026, 1, 1, tzinfo=UTC) + each)
spans = st.timedeltas(timedelta(minutes=1), timedelta(days=40))


def deadlines(folder: Path = KEDIRI) -> Deadlines:
    return directory(folder).deadlines


def jakarta(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def test_each_class_has_its_own_deadline() -> None:
    opened = jakarta("2026-03-02T10:00")
    ends = {name: deadlines().resolve_by(opened, name) for name in deadlines().policy.resolve}
    assert ends["ringan"] == jakarta("2026-03-02T13:00")
    assert ends["normatif"] == jakarta("2026-03-09T15:30")
    assert ends["tidak-berkadar-pengawasan"] == jakarta("2026-03-27T14:30")
    assert ends["berkadar-pengawasan"] == jakarta("2026-06-10T15:30")
    assert deadlines().resolve_by(opened, None) == ends["berkadar-pengawasan"]


def test_an_offer_ends_with_the_next_working_day() -> None:
    offered, far = jakarta("2026-03-06T10:00"), jakarta("2026-06-01T10:00")
    assert deadlines().accept_by(offered, far) == jakarta("2026-03-09T15:30")


@given(folders, moments, spans)
def test_an_office_never_has_longer_than_what_is_left_of_the_citizens_time(
    folder: Path, now: datetime, left: timedelta
) -> None:
    resolve_by = now + left
    assert now < deadlines(folder).accept_by(now, resolve_by) <= resolve_by
    assert now < deadlines(folder).hold_until(now, deadlines(folder).policy.hold, resolve_by) <= resolve_by


@given(folders, moments, spans)
def test_an_offer_after_the_citizens_deadline_is_not_over_before_it_can_be_read(
    folder: Path, now: datetime, late: timedelta
) -> None:
    assert deadlines(folder).accept_by(now, now - late) == deadlines(folder).accept_by(
        now, datetime.max.replace(tzinfo=UTC)
    )


def test_a_pause_gives_back_what_was_left() -> None:
    since = jakarta("2026-03-02T10:00")
    assert deadlines().hold_until(since, Limit(5), None) == jakarta("2026-03-09T15:30")
    pause = Pause(jakarta("2026-03-03T15:30"), jakarta("2026-03-05T15:30"))
    assert deadlines().hold_until(since, Limit(5), None, (pause,)) == jakarta("2026-03-11T15:30")


@given(folders, moments, st.lists(st.tuples(spans, spans), max_size=3), spans)
def test_pauses_lengthen_the_holders_time_and_never_the_citizens(
    folder: Path, since: datetime, stretches: list[tuple[timedelta, timedelta]], left: timedelta
) -> None:
    each = deadlines(folder)
    pauses = tuple(Pause(since + begins, since + begins + length) for begins, length in stretches)
    limit = each.policy.hold
    plain, paused = each.hold_until(since, limit, None), each.hold_until(since, limit, None, pauses)
    assert paused >= plain
    assert each.hold_until(since, limit, None, tuple(reversed(pauses))) == paused
    assert each.hold_until(since, limit, since + left, pauses) == min(paused, since + left)


@given(folders, moments, spans)
def test_a_warning_comes_between_beginning_and_end(folder: Path, since: datetime, length: timedelta) -> None:
    due = since + length
    assert since <= deadlines(folder).near(since, due) <= due


def test_a_warning_comes_when_the_policys_part_is_used_up() -> None:
    since, due = jakarta("2026-03-02T07:30"), jakarta("2026-03-02T11:30")
    assert deadlines().near(since, due) == jakarta("2026-03-02T10:30")
    half = replace(deadlines().policy, near_percent=50)
    assert Deadlines(half, deadlines().time).near(since, due) == jakarta("2026-03-02T09:30")
