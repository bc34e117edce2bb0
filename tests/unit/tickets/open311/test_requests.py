"""From when until when one may ask, and what a form must say."""

from contextlib import suppress
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from estafet.web import Problem
from services.tickets.open311.requests import SPAN, window
from services.tickets.open311.schemas import RequestInput, RequestsQuery
from tests.unit.tickets.town import NOW

_times = st.none() | st.datetimes(timezones=st.just(UTC))
PLACED = {"service_code": "lubang", "address_string": "Jalan Dhoho 1"}


def load(**fields):
    return RequestInput().load({"attribute": {}, **fields})


@given(_times, _times)
def test_a_window_is_never_longer_than_it_may_be(start, end):
    with suppress(Problem):
        since, until = window(start, end, NOW)
        assert until - since <= SPAN
        assert start in (None, since)
        assert end in (None, until)


def test_the_last_ninety_days_are_meant_when_nothing_is_said():
    assert window(None, None, NOW) == (NOW - timedelta(days=90), NOW)


@pytest.mark.parametrize(("days", "right"), [(90, True), (91, False), (-1, False)])
def test_ninety_days_and_no_more(days, right):
    if right:
        assert window(NOW, NOW + timedelta(days=days), NOW)
        return
    with pytest.raises(Problem):
        window(NOW, NOW + timedelta(days=days), NOW)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_date": "2026-03-02T09:00:00"}, "start_date"),
        ({"end_date": "kemarin"}, "end_date"),
        ({"status": "open,held"}, "status"),
        ({"page": "0"}, "page"),
        ({"page_size": "1001"}, "page_size"),
        ({"service_request_id": "x" * 4001}, "service_request_id"),
    ],
)
def test_what_is_wrong_with_a_filter_is_named(query, field):
    with pytest.raises(ValidationError) as caught:
        RequestsQuery().load(query)
    assert list(caught.value.normalized_messages()) == [field]


def test_filters_are_read():
    read = RequestsQuery().load(
        {"status": "open,closed", "service_code": "a, b,", "start_date": "", "extensions": "true", "page": "2"}
    )
    assert (read["status"], read["service_code"], read["start_date"]) == (("open", "closed"), ("a", "b"), None)
    assert (read["page"], read["page_size"]) == (2, 1000)
    assert RequestsQuery().load({"start_date": "2026-03-02T09:00:00+07:00"})["start_date"] == NOW


@pytest.mark.parametrize(
    "place",
    [
        {"lat": "-7.8", "long": "112.0"},
        {"lat": "0", "long": "0"},
        {"address_string": "Jalan Dhoho 1"},
        {"address_id": "n-1"},
        {"attribute": {"place": ["n-1"]}},
    ],
)
def test_one_way_to_say_where_is_enough(place):
    assert load(service_code="lubang", **place)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"address_string": "Pasar"}, {"service_code"}),
        ({"service_code": "lubang"}, {"lat"}),
        ({"service_code": "lubang", "address_string": ""}, {"lat"}),
        ({"service_code": "lubang", "lat": "-7.8"}, {"long"}),
        ({**PLACED, "long": "112"}, {"lat"}),
        ({"service_code": "lubang", "lat": "91", "long": "181"}, {"lat", "long"}),
        ({"service_code": "lubang", "lat": "nan", "long": "112"}, {"lat"}),
        ({**PLACED, "description": "x" * 4001, "email": "x"}, {"description", "email"}),
        ({**PLACED, "media_url": "javascript:alert(1)"}, {"media_url"}),
        ({**PLACED, "phone": "rumah"}, {"phone"}),
        ({**PLACED, "first_name": "a\nb"}, {"first_name"}),
    ],
)
def test_what_is_wrong_with_a_form_is_named_all_at_once(fields, at):
    with pytest.raises(ValidationError) as caught:
        load(**fields)
    assert caught.value.normalized_messages().keys() >= at


def test_an_empty_parameter_was_not_sent():
    empty = dict.fromkeys(("lat", "long", "email", "phone", "media_url", "description", "address_id", "api_key"), "")
    assert load(**PLACED, **empty) == load(**PLACED)
