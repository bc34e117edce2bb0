"""Whether a form comes from elsewhere is told by what the browser says of it."""

from __future__ import annotations

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from estafet.browsers import is_foreign

URL = "https://lapor.example"


@pytest.mark.parametrize(
    ("headers", "foreign"),
    [
        ({}, False),
        ({"Origin": URL}, False),
        ({"Origin": URL, "Sec-Fetch-Site": "same-origin"}, False),
        ({"Origin": "https://lapor.example.jahat.example"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": URL, "Sec-Fetch-Site": "cross-site"}, True),
    ],
)
def test_what_the_browser_says_of_where_it_comes_from_is_believed(headers: dict[str, str], foreign: bool) -> None:
    built = EnvironBuilder(method="POST", headers={"Host": "lapor.example", **headers})
    assert is_foreign(Request(built.get_environ()), URL) is foreign
