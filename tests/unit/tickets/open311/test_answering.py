"""How a form is read, and how what is wrong is told."""

import json
from contextlib import suppress
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from estafet.web import PROBLEMS, Problem
from estafet.web.server import HttpRequest
from services.tickets.open311 import answering

FORM = "application/x-www-form-urlencoded"


def request(body=b"", content_type=FORM, path="/open311/v2/requests.json"):
    made = HttpRequest(EnvironBuilder(path=path, method="POST", content_type=content_type).get_environ())
    made.content = body
    return made


def test_attributes_become_lists():
    body = b"service_code=lubang&attribute[place]=n-1&attribute[X][]=a&attribute[X][]=b%26"
    assert answering.parse(request(body)) == {
        "service_code": "lubang",
        "attribute": {"place": ["n-1"], "X": ["a", "b&"]},
    }


_names = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00["), min_size=1)
_values = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@given(st.dictionaries(_names.filter(lambda name: name != "attribute"), _values, max_size=20))
def test_what_a_form_says_is_read(fields):
    read = answering.parse(request(urlencode(fields).encode(), f"{FORM}; charset=utf-8"))
    assert read == {**fields, "attribute": {}}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_a_problem(body):
    with suppress(Problem):
        assert isinstance(answering.parse(request(body)), dict)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"service_code": "lubang"}', "application/json"),
        (b"service_code=lubang", "multipart/form-data; boundary=x"),
        (b"description=%ff", FORM),
        (b"description=\xff", FORM),
        (b"description=%00", FORM),
        (b"description=a&description=b", FORM),
        (b"&".join(b"a%d=1" % number for number in range(201)), FORM),
    ],
)
def test_what_is_no_form_is_malformed(body, content_type):
    with pytest.raises(Problem) as caught:
        answering.parse(request(body, content_type))
    assert answering.status_of(caught.value) == 400


@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_each_problem_has_one_of_the_standards_statuses(slug):
    status = PROBLEMS[slug].status
    expected = {400, 403, 404} if status not in (405, 413, 429, 500, 503) else {status}
    assert answering.status_of(Problem(slug, "?")) in expected


@pytest.mark.parametrize(
    ("slug", "status"), [("no-token", 403), ("wrong-token", 403), ("invalid", 400), ("stale", 400)]
)
def test_keys_are_forbidden_and_the_rest_is_bad(slug, status):
    assert answering.status_of(Problem(slug, "?")) == status


@pytest.mark.parametrize("ending", ["json", "xml", "csv", ""])
def test_several_faults_are_told_at_once(ending):
    problem = Problem("invalid", "Two.", [("lat", "not a number"), ("email", "not an address")])
    response = answering.refuse(problem, request(path=f"/open311/v2/requests.{ending}"))
    assert response.status_code == 400
    if ending == "json":
        assert response.content_type == "application/json; charset=utf-8"
        told = [(each["code"], each["description"]) for each in json.loads(response.data)]
    else:
        assert response.content_type == "text/xml; charset=utf-8"
        root = ElementTree.fromstring(response.data)
        assert root.tag == "errors"
        told = [(int(each.findtext("code")), each.findtext("description")) for each in root.findall("error")]
    assert told == [(400, "lat: not a number"), (400, "email: not an address")]


def test_when_to_come_again_is_still_said():
    problem = Problem("too-many-requests", "Wait.", headers={"Retry-After": "7"})
    response = answering.refuse(problem, request())
    assert (response.status_code, response.headers["Retry-After"]) == (429, "7")


@given(st.from_regex(r"[a-z0-9][a-z0-9.-]{0,20}", fullmatch=True))
def test_a_code_may_have_points(code):
    first, _, rest = f"{code}.xml".partition(".")
    assert answering.split(first, rest) == (code, "xml")
