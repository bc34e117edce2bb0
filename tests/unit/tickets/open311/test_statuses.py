"""How a report stands: open until it is resolved, whoever holds it; and a sentence that names the holder."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estafet.events.fields import STATUSES
from services.tickets.open311.statuses import CLOSED, OPEN, Standing, notes, said, status, written
from tests.unit.tickets.town import DIRECTORY, NOW

MOMENTS = st.timedeltas(timedelta(days=-3650), timedelta(days=3650)).map(lambda much: NOW + much)
FRIDAY = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


def test_every_status_of_ours_is_one_of_theirs():
    assert sorted((*OPEN, *CLOSED)) == sorted(STATUSES)


@pytest.mark.parametrize(
    ("standing", "expected", "sentences"),
    [
        (
            {"status": "requested", "holder": "loket"},
            "open",
            "Dipegang oleh Loket; kantor yang berwenang sedang dicari.",
        ),
        (
            {"status": "offered", "holder": "loket", "offered_to": "jalan", "accept_by": FRIDAY},
            "open",
            "Dipegang oleh Loket; ditawarkan kepada Jalan, yang menjawab paling lambat 6 Maret 2026 pukul 16.00 WIB.",
        ),
        (
            {"status": "held", "holder": "jalan", "resolve_by": FRIDAY},
            "open",
            "Dipegang oleh Jalan. Batas waktu: 6 Maret 2026 pukul 16.00 WIB.",
        ),
        (
            {"status": "held", "holder": "jalan", "paused_until": FRIDAY},
            "open",
            "Dipegang oleh Jalan; ditunda sampai 6 Maret 2026 pukul 16.00 WIB.",
        ),
        (
            {"status": "held", "holder": "jalan", "paused_until": NOW},
            "open",
            "Dipegang oleh Jalan.",
        ),
        (
            {"status": "convened", "holder": "jalan", "coordinator": "asisten"},
            "open",
            "Dipegang oleh Jalan; menunggu keputusan Asisten.",
        ),
        (
            {"status": "resolved", "holder": "jalan", "resolved_by": "jalan"},
            "closed",
            "Dinyatakan selesai oleh Jalan. Menunggu konfirmasi pelapor.",
        ),
        (
            {"status": "closed", "holder": "jalan", "resolved_by": "jalan"},
            "closed",
            "Dinyatakan selesai oleh Jalan. Laporan ditutup.",
        ),
    ],
)
def test_how_it_stands(standing, expected, sentences):
    made = Standing(**standing)
    assert status(made) == expected
    assert notes(made, DIRECTORY, NOW) == sentences


_moments = st.none() | MOMENTS
_offices = st.sampled_from(["jalan", "taman", "loket", "asisten", "not-listed"])


@given(
    st.builds(
        Standing,
        status=st.sampled_from(STATUSES),
        holder=_offices,
        offered_to=st.none() | _offices,
        accept_by=_moments,
        coordinator=st.none() | _offices,
        resolve_by=_moments,
        paused_until=_moments,
        resolved_by=st.none() | _offices,
    )
)
def test_the_holder_is_always_named_and_nothing_is_left_blank(standing):
    sentences = notes(standing, DIRECTORY, NOW)
    named = standing.resolved_by if status(standing) == "closed" and standing.resolved_by else standing.holder
    assert DIRECTORY.name(named) in sentences
    assert not re.search(r"None|\{|\}|  ", sentences)
    assert sentences.endswith(".")


@given(MOMENTS)
def test_times_are_the_same_instant_with_the_citys_offset(time):
    text = written(time, DIRECTORY)
    assert text.endswith("+07:00")
    assert timedelta() <= time - datetime.fromisoformat(text) < timedelta(seconds=1)


def test_times_as_people_say_them():
    assert said(NOW, DIRECTORY) == "2 Maret 2026 pukul 09.00 WIB"
