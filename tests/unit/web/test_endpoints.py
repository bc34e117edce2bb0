"""Whatever a client sends, it gets a clear answer; and the service stays up."""

import json
import socket

import httpx
import pytest
from openapi_spec_validator import validate

from estafet.web import PROBLEMS
from estafet.web.bodies import MAX_BODY


def problem(response: httpx.Response, slug: str) -> dict:
    """The problem document, after checking that it is well-formed and of this kind."""
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document["type"] == f"urn:estafet:problem:{slug}"
    assert document["status"] == response.status_code == PROBLEMS[slug].status
    assert document["title"] == PROBLEMS[slug].title
    assert document["detail"]
    return document


def raw(port: int, request: bytes) -> bytes:
    """What the server answers to these bytes, until it closes the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while received := connection.recv(65536):
                answer += received
        except TimeoutError:
            raise  # it hangs
        except OSError:
            pass  # it closed with some of ours unread
    return answer


def test_an_answer_is_json_with_its_version(http):
    response = http.post("/api/greetings", json={"word": "halo"})
    assert response.status_code == 201
    assert response.json() == {"word": "halo", "person": None}
    assert response.headers["etag"] == '"7"'
    assert response.headers["location"] == "/api/greetings/1"
    assert "date" in response.headers


def test_a_connection_is_kept_alive(greeter):
    with socket.create_connection(("127.0.0.1", greeter.port), timeout=10) as connection:
        for _ in range(3):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = b""
            while b'"ok"' not in answer:
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b"\xff\xfe{}", "UTF-8"),
        (b'{"word": NaN}', "finite"),
        (b'{"word": "a", "word": "b"}', "twice"),
        (b'{"word": "a\\u0000"}', "NUL"),
        (b'{"word": "\\ud800"}', "NUL"),
        (b'{"\\ud800": "a"}', "NUL"),
        (b"[" * 60000, "nested"),
        (b'{"a":' * 9000 + b"1" + b"}" * 9000, "nested"),
        (b'{"a":' * 30 + b"1" + b"}" * 30, "nested"),
        (b'{"word": ' + b"9" * 5000 + b"}", "2^53"),
    ],
)
def test_what_cannot_be_read_is_malformed(http, body, says):
    document = problem(http.post("/api/greetings", content=body), "malformed")
    assert says in json.dumps(document)


def test_fields_at_fault_are_named(http):
    response = http.post("/api/greetings", json={"word": "x" * 21, "nmae": 1, "person": {"nam": "A"}})
    errors = {each["field"] for each in problem(response, "invalid")["errors"]}
    assert errors == {"word", "nmae", "person.nam", "person.name"}


def test_an_empty_body_is_an_empty_object(http):
    assert problem(http.post("/api/greetings"), "invalid")["errors"][0]["field"] == "word"


def test_a_body_over_the_limit_is_refused_unread(greeter):
    head = f"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: {10**9}\r\n\r\n".encode()
    answer = raw(greeter.port, head)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"urn:estafet:problem:too-large" in answer


def test_a_chunked_body_over_the_limit_is_refused(http):
    chunks = (b"x" * 1024 for _ in range(MAX_BODY // 1024 + 1))
    problem(http.post("/api/greetings", content=chunks), "too-large")


def test_a_client_that_sends_all_of_it_sees_the_answer(http):
    problem(http.post("/api/greetings", content=b"x" * 5_000_000), "too-large")


def test_a_chunked_body_is_read(http):
    response = http.post("/api/greetings", content=iter([b'{"word":', b'"halo"}']))
    assert response.json()["word"] == "halo"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{}",
        b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n{}",
        b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}",
        b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n{}",
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
        + b"".join(b"X%d: %s\r\n" % (n, b"y" * 4000) for n in range(40))
        + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 2000 + b"\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a b\xff\r\n\r\n",
        b"GET /api/greetings/%ff%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"nonsense\r\n\r\n",
        b"GET /healthz HTTP/9.9\r\n\r\n",
        b"BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"",
    ],
)
def test_odd_requests_do_no_harm(greeter, http, request_bytes):
    answer = raw(greeter.port, request_bytes)
    assert b" 500 " not in answer.split(b"\r\n")[0]
    assert "nonsense" not in greeter.log.read_text()  # nor would what a person asked for be in the log
    assert http.get("/healthz").json() == {"status": "ok"}


def test_a_client_that_leaves_at_once_does_no_harm(greeter, http):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", greeter.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.sendall(b"POST /api/greetings HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{")
    assert http.get("/healthz").json() == {"status": "ok"}


def test_unknown_addresses_and_methods_are_problems_too(http):
    problem(http.get("/nowhere"), "not-found")
    problem(http.get("/api//greetings/x"), "not-found")
    response = http.put("/api/greetings")
    problem(response, "method-not-allowed")
    assert response.headers["allow"] == "POST"


def test_query_parameters_are_checked(http):
    assert http.get("/api/greetings/x", params={"limit": "5"}).json() == {"code": "x", "limit": 5}
    assert problem(http.get("/api/greetings/x", params={"limit": "many"}), "invalid")["errors"][0]["field"] == "limit"
    assert problem(http.get("/api/greetings/x", params={"limt": "1"}), "invalid")["errors"][0]["field"] == "limt"
    problem(http.get("/api/greetings/x?limit=1&limit=2"), "malformed")
    problem(http.get("/api/greetings/x?limit=%00"), "malformed")


def test_a_decision_names_its_version(http):
    problem(http.post("/api/greetings/x/change"), "version-needed")
    for header in ("3", '"3", "4"', "*", '"x"', '"-1"'):
        problem(http.post("/api/greetings/x/change", headers={"If-Match": header}), "malformed")
    for header in ('"3"', 'W/"3"'):
        assert http.post("/api/greetings/x/change", headers={"If-Match": header}).json() == {"version": 3}


def test_a_handlers_problem_is_answered(http):
    problem(http.post("/api/greetings/bound/change", headers={"If-Match": '"3"'}), "bound")


def test_credentials_are_read_with_care(http):
    assert http.get("/api/who").json() == {"token": None, "key": None}
    assert http.get("/api/who", headers={"Authorization": "bearer est_x"}).json()["token"] == "est_x"
    response = http.get("/api/who", headers={"Authorization": "Basic abc"})
    problem(response, "wrong-token")
    assert response.headers["www-authenticate"].startswith("Bearer")
    problem(http.get("/api/who", headers={"Idempotency-Key": "x" * 256}), "malformed")
    problem(http.get("/api/who", headers={"Idempotency-Key": ""}), "malformed")


def test_an_unexpected_error_is_logged_without_what_people_wrote(http, greeter):
    problem(http.get("/api/broken"), "unexpected")
    response = http.get("/api/away")
    problem(response, "unavailable")
    assert response.headers["retry-after"]
    log = greeter.log.read_text()
    assert "RuntimeError" in log
    assert "greeter.py" in log
    assert "neighbour" not in log


def test_probes(http):
    assert http.get("/readyz").json() == {"status": "ready", "checks": {"database": "ok"}}
    http.get("/api/unwind")
    response = http.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "ok", "clock": "wind the clock"}
    metrics = http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert (
        'estafet_http_request_seconds_count{method="GET",route="/healthz",service="greeter",status="200"}'
        in metrics.text
    )


def test_head_is_answered_without_a_body(http):
    response = http.head("/healthz")
    assert response.status_code == 200
    assert response.content == b""


def test_the_openapi_document_is_valid_and_complete(http):
    described = http.get("/api/openapi.json").json()
    validate(described)
    assert described["openapi"] == "3.1.0"
    assert set(described["paths"]) == {
        "/api/greetings",
        "/api/greetings/{code}",
        "/api/greetings/{code}/change",
        "/api/who",
        "/api/broken",
        "/api/connection",
        "/api/away",
        "/api/heavy",
        "/api/hold",
        "/api/pictures",
        "/api/mine",
        "/api/release",
        "/api/revoke/{token}",
        "/api/unwind",
        "/api/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    change = described["paths"]["/api/greetings/{code}/change"]["post"]
    assert {"400", "409", "412", "413", "422", "428"} <= set(change["responses"])
    assert {each["name"] for each in change["parameters"]} == {"code", "If-Match"}
    assert {"429", "503"} <= set(change["responses"])
    assert "Retry-After" in change["responses"]["429"]["headers"]
    assert "429" not in described["paths"]["/healthz"]["get"]["responses"]


def test_no_packet_of_an_answer_waits_for_the_one_before(http: httpx.Client) -> None:
    """A long answer leaves in two pieces; the second would wait 40 ms for the first to be acknowledged."""
    assert http.get("/api/connection").json() == {"at once": True}
