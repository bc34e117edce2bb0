"""When a message may go: an hour by hour table, and what holds at every moment, in every zone and for every wish."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.preferences.preference import CITIZEN, OFFICE, Preference, Quiet, over
from services.notify.sending.timing import (
    ANSWERED_BY,
    URGENT,
    Turn,
    after_quiet,
    answered_by,
    is_urgent,
    next_digest,
    turn,
)
from services.notify.wording.phrasebook import packaged
from tests.unit.notify import samples

KEDIRI = ZoneInfo("Asia/Jakarta")
#: Clocks are put forward and back, at midnight too; by half an hour; not at all.
ZONES = [ZoneInfo(name) for name in ("Asia/Jakarta", "Atlantic/Azores", "Australia/Lord_Howe", "America/Santiago")]

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=730)).map(lambda each: BEGIN + each)
hours = st.times().map(lambda each: each.replace(second=0, microsecond=0))
quiets = st.tuples(hours, hours).filter(lambda each: each[0] != each[1]).map(lambda each: Quiet(*each))
wishes = st.builds(Preference, digest=st.none() | hours, quiet=st.none() | quiets)
zones = st.sampled_from(ZONES)


def at(text: str, zone: ZoneInfo = KEDIRI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("wish", "now", "expected"),
    [
        (OFFICE, "2026-11-30 23:00", Turn(at("2026-11-30 23:00"))),
        (over("email", CITIZEN), "2026-11-30 23:00", Turn(at("2026-11-30 23:00"))),
        (over("sms", CITIZEN), "2026-11-30 20:59", Turn(at("2026-11-30 20:59"))),
        (over("sms", CITIZEN), "2026-11-30 21:00", Turn(at("2026-12-01 06:00"))),
        (over("sms", CITIZEN), "2026-12-01 05:59", Turn(at("2026-12-01 06:00"))),
        (over("sms", CITIZEN), "2026-12-01 06:00", Turn(at("2026-12-01 06:00"))),
        (Preference(quiet=Quiet(time(12), time(13))), "2026-12-01 12:30", Turn(at("2026-12-01 13:00"))),
        (Preference(digest=time(7)), "2026-12-01 06:59", Turn(at("2026-12-01 07:00"), True)),
        (Preference(digest=time(7)), "2026-12-01 07:00", Turn(at("2026-12-02 07:00"), True)),
        (Preference(digest=time(5), quiet=CITIZEN.quiet), "2026-12-01 12:00", Turn(at("2026-12-02 06:00"), True)),
    ],
)
def test_a_table(wish: Preference, now: str, expected: Turn) -> None:
    assert turn(wish, at(now), at(now), KEDIRI) == expected


@given(wishes, moments, st.timedeltas(timedelta(), timedelta(days=3)), zones)
def test_never_in_the_quiet_hours_and_never_before_now(
    wish: Preference, told_at: datetime, waited: timedelta, zone: ZoneInfo
) -> None:
    now = told_at + waited
    found = turn(wish, told_at, now, zone)
    assert found.at >= now
    assert found.in_digest == (wish.digest is not None)
    if wish.quiet:
        assert found.at.astimezone(zone).time() not in wish.quiet


@given(wishes, moments, st.timedeltas(timedelta(), timedelta(days=3)), zones)
def test_nothing_waits_longer_than_for_the_digest_and_the_end_of_the_quiet_hours(
    wish: Preference, told_at: datetime, waited: timedelta, zone: ZoneInfo
) -> None:
    """Every minute before its turn is a quiet one, or before the first digest there was."""
    now = told_at + waited
    found = turn(wish, told_at, now, zone)
    digest = told_at if wish.digest is None else next_digest(told_at, wish.digest, zone)
    assert digest - told_at <= timedelta(hours=25)
    start = max(now, digest)
    if wish.quiet is None:
        assert found.at == start
    else:
        skipped = timedelta(hours=1)  # an end that the clocks skip comes when they would have shown it
        minutes = range(0, max(0, int((found.at - start - skipped).total_seconds())), 60)
        assert all((start + timedelta(seconds=each)).astimezone(zone).time() in wish.quiet for each in minutes)


@given(wishes, moments, zones, st.timedeltas(timedelta(minutes=-5), timedelta(days=3)))
def test_what_must_be_answered_is_told_before_that(
    wish: Preference, now: datetime, zone: ZoneInfo, left: timedelta
) -> None:
    by = now + left
    usual, found = turn(wish, now, now, zone), turn(wish, now, now, zone, by)
    if usual.at < by or by <= now:
        assert found == usual
    else:
        assert found.at < by
        assert not found.in_digest
        in_the_morning = after_quiet(now, wish.quiet, zone)
        assert found.at == (in_the_morning if in_the_morning < by else now)


@given(moments, hours, zones)
def test_a_digest_comes_at_its_hour_and_after_what_it_tells(after: datetime, hour: time, zone: ZoneInfo) -> None:
    found = next_digest(after, hour, zone)
    assert found > after
    shown = found.astimezone(zone)
    skipped = datetime.combine(shown.date(), hour, zone).astimezone(UTC).astimezone(zone).time() != hour
    assert shown.time() == hour or skipped


def test_clocks_that_are_put_back_show_the_end_twice_and_both_count() -> None:
    """On the Azores, on 25 October 2026, the hour from midnight to one comes twice."""
    azores = ZoneInfo("Atlantic/Azores")
    quiet = Quiet(time(21), time(0, 30))
    first = after_quiet(datetime(2026, 10, 25, 0, 10, tzinfo=UTC), quiet, azores)
    again = after_quiet(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), quiet, azores)
    assert (first, again) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )


def test_a_minute_that_the_clocks_skip_ends_the_quiet_hours_all_the_same() -> None:
    """On 29 March 2026 clocks there go from midnight to one."""
    found = after_quiet(
        datetime(2026, 3, 28, 23, tzinfo=UTC), Quiet(time(21), time(0, 30)), ZoneInfo("Atlantic/Azores")
    )
    assert found == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_tables_name_messages_that_there_are() -> None:
    assert packaged().messages("id") >= {*URGENT, *ANSWERED_BY}


def test_emergencies_are_urgent_whatever_is_said_of_them() -> None:
    assert is_urgent("handoff-accepted-sender", emergency=True)
    assert not is_urgent("handoff-accepted-sender", emergency=False)
    assert is_urgent("deadline-passed-office", emergency=False)


def test_by_when_an_answer_is_wanted_is_read_from_the_message_that_wants_it() -> None:
    facts = {"accept_by": samples.NOW.isoformat(), "due": None}
    assert answered_by("handoff-offered-receiver", facts) == samples.NOW
    assert answered_by("handoff-offered-reporter", facts) is None
    assert answered_by("deadline-near-office", facts) is None
