"""A form is read as text, or refused in a sentence; one from elsewhere is told by what the browser says."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder

from estafet.web import Problem
from estafet.web.forms import is_from_here, pairs
from estafet.web.server import HttpRequest

URL = "https://lapor.example"


def request(content: bytes = b"", media_type: str = "application/x-www-form-urlencoded", **headers: str) -> HttpRequest:
    built = EnvironBuilder(method="POST", content_type=media_type, headers={"Host": "lapor.example", **headers})
    found = HttpRequest(built.get_environ())
    found.content = content
    return found


def test_fields_come_in_their_order_without_space_around_them() -> None:
    form = request(b"b=+Jalan%20Dhoho%0D%0Arusak+&a=&b=%C3%A9")
    assert pairs(form, 3) == [("b", "Jalan Dhoho\r\nrusak"), ("a", ""), ("b", "é")]


@pytest.mark.parametrize(
    ("content", "media_type", "sentence"),
    [
        (b'{"a": 1}', "application/json", "Send the form as application/x-www-form-urlencoded"),
        (b"a=1&b=2&c=3&d=4", "application/x-www-form-urlencoded", "more than 3 fields"),
        (b"a=\xff", "application/x-www-form-urlencoded", "not UTF-8"),
        (b"a=%FF", "application/x-www-form-urlencoded", "not UTF-8"),
        (b"a=%00", "application/x-www-form-urlencoded", "not text"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(content: bytes, media_type: str, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        pairs(request(content, media_type), 3)


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"Origin": URL}, True),
        ({"Origin": URL, "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://lapor.example.jahat.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": URL, "Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_what_the_browser_says_of_where_it_comes_from_is_believed(headers: dict[str, str], ours: bool) -> None:
    assert is_from_here(request(**headers), URL) is ours
