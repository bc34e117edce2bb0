"""A form is read as text, or refused in a sentence."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder

from estafet.web import Problem
from estafet.web.forms import pairs
from estafet.web.server import HttpRequest


def request(content: bytes, media_type: str = "application/x-www-form-urlencoded") -> HttpRequest:
    built = EnvironBuilder(method="POST", content_type=media_type)
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
