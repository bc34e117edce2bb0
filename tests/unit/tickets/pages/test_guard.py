"""Forms of other pages are not taken."""

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from estafet.web import Problem
from services.tickets.pages import guard

URL = "https://lapor.contoh.id"
COOKIE = guard.new_cookie()


def ask(cookie=COOKIE, proof=None, **headers):
    headers = {"Host": "lapor.contoh.id", "Cookie": f"{guard.COOKIE}={cookie}" if cookie else "", **headers}
    request = Request(EnvironBuilder(method="POST", headers=headers).get_environ())
    guard.require(request, {guard.FIELD: guard.proof(COOKIE) if proof is None else proof}, URL)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": URL}, {"Origin": URL, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-origin"}],
)
def test_our_own_forms_are_taken(headers):
    ask(**headers)


@pytest.mark.parametrize(
    "given",
    [
        {"cookie": ""},
        {"cookie": guard.new_cookie()},
        {"proof": ""},
        {"proof": "x"},
        {"proof": "x.y"},
        {"proof": "\udce9.é"},
        {"Origin": "https://lapor.contoh.id.jahat.id"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": URL, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_others_are_not(given):
    with pytest.raises(Problem, match="Open the page again"):
        ask(**given)


def test_no_two_pages_show_the_same_proof():
    """So a compressed page that repeats what somebody sent gives nothing of it away."""
    assert guard.proof(COOKIE) != guard.proof(COOKIE)
    assert COOKIE not in guard.proof(COOKIE)
