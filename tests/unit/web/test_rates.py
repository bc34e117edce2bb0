"""How often one may ask, and who counts as one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from estafet.settings import SettingError, from_environment
from estafet.web import Problem
from estafet.web.rates import Rates, bearer, customer, read

SETTINGS = from_environment({})


def rates(address: str = "4/hour", token: str = "6/hour") -> Rates:
    return Rates(replace(SETTINGS, limit_address=address, limit_token=token))


def request(address: str = "192.0.2.1", authorization: str | None = None) -> Request:
    headers = {} if authorization is None else {"Authorization": authorization}
    return Request(EnvironBuilder(environ_base={"REMOTE_ADDR": address}, headers=headers).get_environ())


def taken(rates: Rates, asked: Request, weight: int = 1, cookie: str | None = None) -> int:
    """How many more such requests are taken."""
    count, refused = 0, None
    while refused is None:
        try:
            rates.count(asked, weight, cookie)
            count += 1
        except Problem as problem:
            refused = problem
    assert refused.kind.slug == "too-many-requests"
    assert int(refused.headers["Retry-After"]) >= 1
    return count


def test_an_address_has_its_limit_and_another_its_own() -> None:
    limits = rates()
    assert taken(limits, request()) == 4
    assert taken(limits, request()) == 0
    assert taken(limits, request("192.0.2.2")) == 4


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_who_has_an_ipv6_network_counts_once(address: IPv6Address, low: int) -> None:
    assume(address >= IPv6Address(2**64))  # below it are IPv4 addresses written as IPv6
    neighbour = IPv6Address((int(address) >> 64 << 64) + low)
    assert customer(str(neighbour)) == customer(str(address))
    assert address in ip_network(customer(str(address)))
    beside = IPv6Address(int(address) ^ 1 << 64)
    assert customer(str(beside)) != customer(str(address))


@given(st.ip_addresses(v=4), st.ip_addresses(v=4))
def test_an_ipv4_address_counts_for_itself_however_it_is_written(one: IPv4Address, other: IPv4Address) -> None:
    assert customer(f"::ffff:{one}") == customer(str(one))
    assert (customer(str(one)) == customer(str(other))) == (one == other)


@given(st.text(max_size=50))
def test_whatever_stands_for_an_address_is_counted(text: str) -> None:
    limits = rates("1/hour")
    limits.count(request(text))
    with pytest.raises(Problem):
        limits.count(request(text))


def test_memory_is_bounded_however_many_addresses_there_are() -> None:
    limits = rates("1000/hour")
    for number in range(30_000):
        limits.count(request(f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"))
    windows = len(limits._windows.storage.storage)
    assert 10_000 < windows <= 2**14


_FORGETS = """
import time
from dataclasses import replace
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request
from estafet.settings import from_environment
from estafet.web.rates import Rates

rates = Rates(replace(from_environment({}), limit_address="100/second"))
ask = lambda address: rates.count(Request(EnvironBuilder(environ_base={"REMOTE_ADDR": address}).get_environ()))
for number in range(200):
    ask(f"192.0.2.{number}")
had = len(rates._windows.storage.storage)
end = time.monotonic() + 5
while len(rates._windows.storage.storage) > 1 and time.monotonic() < end:
    ask("192.0.2.1")
    time.sleep(0.05)
print(had > 150, len(rates._windows.storage.storage))
"""


@pytest.mark.parametrize("patched", ["", "import eventlet; eventlet.monkey_patch()"], ids=["threads", "eventlet"])
def test_what_is_over_is_forgotten_and_nothing_keeps_the_process(patched: str) -> None:
    """The storage lets a timer of its own forget: it must do so as a green thread too, and end with the process."""
    ran = subprocess.run(
        [sys.executable, "-Wignore", "-c", patched + _FORGETS], capture_output=True, text=True, timeout=20
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True 1\n", "")


def test_a_weighty_request_counts_more_but_never_more_than_there_is() -> None:
    assert taken(rates("9/hour"), request(), weight=4) == 2
    limits = rates("9/hour")
    assert (taken(limits, request(), weight=4), taken(limits, request())) == (2, 1)
    assert taken(rates("3/hour"), request(), weight=4) == 1


def test_a_token_known_to_be_good_has_its_own_limit() -> None:
    limits = rates()
    limits.learn("est_good", good=True)
    assert taken(limits, request()) == 4
    assert taken(limits, request(authorization="Bearer est_good"), weight=4) == 6
    assert taken(limits, request("192.0.2.2")) == 4


@pytest.mark.parametrize("authorization", ["Bearer est_bad", "Basic est_good", "Bearer", "est_good", "Bearer  "])
def test_trying_tokens_counts_for_the_address_and_costs_nobody_else(authorization: str) -> None:
    limits = rates()
    limits.learn("est_good", good=True)
    assert taken(limits, request(authorization=authorization)) == 4
    assert taken(limits, request(authorization="Bearer est_other")) == 0
    assert taken(limits, request(authorization="bearer est_good")) == 6


def test_a_token_that_is_good_no_more_counts_for_its_sender() -> None:
    limits = rates()
    limits.learn("est_good", good=True)
    limits.learn("est_good", good=False)
    assert taken(limits, request(authorization="Bearer est_good")) == 4


def in_cookie(session: str, address: str = "192.0.2.1") -> Request:
    headers = {"Cookie": f"seat={session}", "Authorization": "Bearer est_good"}
    return Request(EnvironBuilder(environ_base={"REMOTE_ADDR": address}, headers=headers).get_environ())


def test_the_sessions_of_an_account_have_one_limit_together_whatever_their_addresses() -> None:
    limits = rates()
    for session in ("one", "two"):
        limits.learn(session, good=True, whose="ani")
    limits.learn("three", good=True, whose="budi")
    for _ in range(3):
        limits.count(in_cookie("one"), cookie="seat")
        limits.count(in_cookie("two", "192.0.2.2"), cookie="seat")
    assert taken(limits, in_cookie("two"), cookie="seat") == 0
    assert taken(limits, in_cookie("three"), cookie="seat") == 6
    assert taken(limits, request()) == 4


def test_where_a_session_is_looked_for_no_token_is_and_the_other_way_round() -> None:
    limits = rates()
    limits.learn("one", good=True, whose="ani")
    limits.learn("est_good", good=True)
    assert taken(limits, in_cookie("another"), cookie="seat") == 4
    assert taken(limits, in_cookie("one", "192.0.2.2")) == 6, "by its token"
    assert taken(limits, in_cookie("one", "192.0.2.2"), cookie="seat") == 6


def test_of_what_is_remembered_as_good_the_oldest_is_forgotten_first() -> None:
    limits = rates()
    for number in range(2**14):
        limits.learn(f"session-{number}", good=True, whose="ani")
    limits.learn("session-0", good=True, whose="ani")
    limits.learn("one-more", good=True, whose="ani")
    assert len(limits._good) == 2**14
    assert taken(limits, in_cookie("session-1"), cookie="seat") == 4, "for its address"
    assert taken(limits, in_cookie("session-0"), cookie="seat") == 6


def test_of_several_limits_each_holds() -> None:
    assert taken(rates("3/hour;100/day"), request()) == 3
    assert taken(rates("100/hour;3/day"), request()) == 3


def test_neither_tokens_nor_addresses_are_kept() -> None:
    limits = rates()
    limits.learn("est_good", good=True)
    limits.count(request("192.0.2.77", "Bearer est_good"))
    limits.count(request("192.0.2.77"))
    kept = repr((vars(limits), vars(limits._windows.storage)))
    assert "est_good" not in kept
    assert "192.0.2.77" not in kept


@pytest.mark.parametrize("text", ["", "many", "0/minute", "10", "10/fortnight", "-1/second", "1/minute;0/hour"])
def test_a_limit_that_cannot_be_read_names_its_setting(text: str) -> None:
    with pytest.raises(SettingError, match="ESTAFET_LIMIT_ADDRESS must look like 120/minute"):
        read("ESTAFET_LIMIT_ADDRESS", text)


@pytest.mark.parametrize("text", ["", "-1", "one", "1.5", "100"])
def test_a_number_of_proxies_that_cannot_be_read_names_its_setting(text: str) -> None:
    with pytest.raises(SettingError, match="ESTAFET_PROXIES must be a whole number"):
        from_environment({"ESTAFET_PROXIES": text})


@given(st.integers(0, 3), st.lists(st.ip_addresses().map(str), max_size=3), st.lists(st.ip_addresses().map(str)))
def test_only_what_our_own_proxies_wrote_is_believed(proxies: int, ours: list[str], spoofed: list[str]) -> None:
    """Each proxy appends whom it was asked by; the client can write only what stands before."""
    ours = ours[:proxies] if len(ours) >= proxies else ours + ["192.0.2.9"] * (proxies - len(ours))
    seen: list[str] = []

    def app(environ, start_response):
        seen.append(environ["REMOTE_ADDR"])
        return []

    environ = EnvironBuilder(
        environ_base={"REMOTE_ADDR": "198.51.100.1"}, headers={"X-Forwarded-For": ", ".join([*spoofed, *ours])}
    ).get_environ()
    ProxyFix(app, x_for=proxies, x_proto=0)(environ, None)
    assert seen == [ours[0] if proxies else "198.51.100.1"]


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_bearer_tokens_are_read(token: str) -> None:
    assert bearer(request(authorization=f"Bearer {token}")) == token
