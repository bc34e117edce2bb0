"""What a board says of what was counted."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.board.counted import Count, Counted
from services.tickets.board.reckoning import board, districts, today
from services.tickets.directory import Directory, Office, Service
from services.tickets.rating.ikm import LEAST, Answers
from services.tickets.rating.survey import ELEMENTS

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
CITY = Directory(
    city="Kota Contoh",
    edition="0",
    number=1,
    code_prefix="CTH",
    timezone="Asia/Jakarta",
    front_desk="loket",
    offices={
        each.code: each
        for each in (
            Office("utara", "Kecamatan Utara", "kecamatan", "bupati", "n"),
            Office("hulu", "Kelurahan Hulu", "kelurahan", "utara", "n-1"),
            Office("hilir", "Kelurahan Hilir", "kelurahan", "utara", "n-2"),
            Office("jalan", "Dinas Jalan", "department", "bupati"),
        )
    },
    services={
        "lubang": Service("lubang", {"id": "Lubang", "en": "Pothole"}),
        "curang": Service("curang", {"id": "Curang", "en": "Fraud"}, confidential=True),
    },
    areas={"n-1": "Hulu", "n-2": "Hilir", "n-9": "Pulau"},
)
NOTHING = {
    "opened": {},
    "all": Count(),
    "by_category": {},
    "by_area": {},
    "by_district": {},
    "confidential": Count(),
    "hops": {},
    "first_answered": 0,
    "first_accepted": 0,
    "stopped": 0,
    "held": {},
    "accepted": {},
    "refused": {},
}
places = st.sampled_from(["n-1", "n-2", "n-9", None])
came = st.dictionaries(st.tuples(st.sampled_from(["lubang", "asing"]), places), st.integers(1, 50))


def made(**counted):
    return board(Counted(**{**NOTHING, **counted}), CITY, 30, NOW)


def test_a_day_begins_at_the_citys_midnight():
    assert today(NOW, CITY) == datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
    assert today(NOW - timedelta(hours=9, seconds=1), CITY) == datetime(2026, 2, 28, 17, 0, tzinfo=UTC)


def test_of_nothing_nothing_is_said():
    empty = made()
    assert (empty.categories, empty.areas, empty.offices, empty.waits) == ((), (), (), ())
    assert (empty.totals.median, empty.totals.hops_mean, empty.totals.first.percent) == (None, None, None)
    assert (empty.ikm.index, empty.contacted.mean) == (None, None)


def test_areas_stand_in_the_district_whose_office_is_above_theirs():
    assert districts(CITY) == {"n": "utara", "n-1": "utara", "n-2": "utara"}
    found = made(
        opened={("lubang", "n-1"): 2, ("lubang", "n-2"): 3, ("lubang", "n-9"): 9, ("lubang", None): 99},
        by_district={"utara": Count(resolved=4, median=timedelta(days=3))},
        by_area={"n-1": Count(resolved=1, median=timedelta(days=1))},
    )
    assert [(each.code, each.opened) for each in found.areas] == [("n-9", 9), ("utara", 5), (None, 99)]
    utara = found.areas[1]
    assert (utara.name, utara.resolved, utara.median) == ({"": "Kecamatan Utara"}, 4, timedelta(days=3))
    assert [(each.code, each.opened, each.resolved) for each in utara.within] == [("n-2", 3, 0), ("n-1", 2, 1)]


@given(came)
def test_each_report_is_in_one_category_and_one_area(opened):
    found = made(opened=opened)
    assert sum(each.opened for each in found.categories) == found.totals.opened == sum(opened.values())
    assert sum(each.opened for each in found.areas) == found.totals.opened
    assert all(sum(row.opened for row in each.within) == each.opened for each in found.areas if each.within)


@given(came, st.integers(0, 2 * LEAST))
def test_few_confidential_reports_leave_no_trace(opened, hidden):
    confidential = Count(opened=hidden, resolved=hidden, working=hidden)
    with_them, without = made(opened=opened, confidential=confidential), made(opened=opened)
    if hidden < LEAST:
        assert with_them == without
    else:
        told = hidden - hidden % LEAST
        assert with_them.totals.confidential == told, "one more is not seen"
        assert with_them.totals.opened == without.totals.opened + told
        assert with_them.totals.resolved == without.totals.resolved + told
        assert with_them.totals.working == without.totals.working + told
    assert (with_them.categories, with_them.areas, with_them.offices) == (
        without.categories,
        without.areas,
        without.offices,
    )


@given(st.dictionaries(st.integers(0, 9), st.integers(1, 40), min_size=1))
def test_hops(hops):
    totals = made(hops=hops).totals
    assert sum(totals.hops) == sum(hops.values())
    assert totals.hops[0] == hops.get(0, 0)
    assert min(hops) <= totals.hops_mean <= max(hops)


def test_an_office_is_shown_by_what_it_has_done_and_its_index_by_enough_ratings():
    few, enough = ({"": Answers(n), **{each: Answers(n, 3 * n) for each in ELEMENTS}} for n in (LEAST - 1, LEAST))
    found = made(
        held={"jalan": (3, 1)},
        accepted={"hulu": Count(resolved=2, median=timedelta(hours=5))},
        ratings={"hulu": few, "jalan": enough, "hilir": few, "": few},
    )
    assert [each.code for each in found.offices] == ["jalan", "hulu"], "hilir has nothing to show but too few ratings"
    jalan, hulu = found.offices
    assert (jalan.held, jalan.overdue, jalan.ikm.grade) == (3, 1, "C")
    assert (hulu.accept_median, hulu.ikm.index, hulu.ikm.ratings) == (timedelta(hours=5), None, None)
    assert (found.ikm.ratings, float(found.ikm.index)) == (4 * LEAST - 3, 75.0), "the city has them all"


def test_of_too_few_who_say_how_many_offices_nothing_is_said():
    assert made(contacted=Answers(LEAST - 1, 9)).contacted.mean is None
    assert made(contacted=Answers(LEAST, 10)).contacted.mean == 2.0


def test_who_waits_is_named_by_code_and_office():
    late = ("CTH-1", "lubang", "jalan", NOW - timedelta(days=9, hours=23), NOW - timedelta(days=1))
    (wait,) = made(waits=(late,)).waits
    assert (wait.days, wait.overdue, wait.office_name, wait.name["en"]) == (9, True, "Dinas Jalan", "Pothole")
