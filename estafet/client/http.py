"""A small client of the HTTP API: what the command line, the demo and the replay use, and any other app may.

It needs httpx alone, none of what the services stand on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

import httpx

from estafet.waiting import Json, TimedOut, wait

__all__ = ["Client", "Json", "Problem", "TimedOut", "Unreachable", "wait"]

PROBLEM = "urn:estafet:problem:"

#: Tries of a call that may be repeated, when the connection breaks or the service says that it cannot just now.
TRIES = 5
#: Seconds that a service may ask to be left alone (``Retry-After``); whoever is told to wait longer is told so instead.
PATIENCE = 60.0
_TOO_MANY = 429
_BUSY = (_TOO_MANY, 502, 503, 504)


class Problem(Exception):
    """The API said no (RFC 9457): ``slug`` is the end of the problem's type, ``errors`` the fields at fault."""

    def __init__(self, status: int, slug: str, detail: str, errors: tuple[Mapping[str, str], ...] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.errors = errors

    def __str__(self) -> str:
        fields = "".join(f"\n  {each.get('field', '?')}: {each.get('reason', '')}" for each in self.errors)
        return f"{self.detail}{fields}"


class Unreachable(Problem):
    """Nothing answers at the URL, or what answers is not Estafet."""


class Client:
    """One connection to the API at ``url``, with an office's ``token`` or as anybody.

    Every method returns the parsed JSON answer and raises :class:`Problem` when the API refuses. Times are in seconds.
    What reads, what carries a ``key`` and what was refused for being one too many is tried again, after as many seconds
    as the answer asks for (``Retry-After``, RFC 9110). A client belongs to one thread.
    """

    def __init__(self, url: str, token: str | None = None, *, timeout: float = 30.0, http: httpx.Client | None = None):
        self.url = url.rstrip("/")
        self.token = token
        self._http = http or httpx.Client(timeout=timeout)
        self._owned = http is None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._owned:
            self._http.close()

    def using(self, token: str | None) -> Client:
        """The same connection with another token."""
        return Client(self.url, token, http=self._http)

    # Reports and what can be read of them

    def report(self, report: Mapping[str, Any], *, key: str | None = None) -> Json:
        """Submit a report. ``key`` (``Idempotency-Key``) makes repeating it harmless."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._call("POST", "/reports", body=report, headers=headers, repeat=key is not None)

    def ticket(self, code: str, *, secret: str | None = None) -> Json:
        return self._call("GET", f"/tickets/{code}", secret=secret)

    def chain(self, code: str, *, secret: str | None = None, after: int = 0) -> Iterator[Json]:
        """The entries of a report's chain, from the first after position ``after``."""
        while True:
            page = self._call("GET", f"/tickets/{code}/chain", secret=secret, query={"after": after, "limit": 200})
            yield from page["entries"]
            if not page.get("next"):
                return
            after = page["next"]

    def verify(self, code: str, *, secret: str | None = None) -> Json:
        return self._call("GET", f"/tickets/{code}/chain/verify", secret=secret)

    def desk(self, which: str, *, q: str | None = None, cursor: str | None = None, limit: int = 50) -> Json:
        """One page of the desk: ``offered``, ``held``, ``overdue``, ``waiting``, ``convened`` or ``guarded``."""
        query = {"list": which, "q": q, "cursor": cursor, "limit": limit}
        return self._call("GET", "/desk", query={name: value for name, value in query.items() if value is not None})

    def handoff_status(self, code: str, handoff: str) -> Json:
        return self._call("GET", f"/tickets/{code}/handoffs/{handoff}")

    def directory(self) -> Json:
        return self._call("GET", "/directory")

    def offices(self, kind: str | None = None) -> list[Json]:
        return self._items("/offices", {"kind": kind} if kind else {})

    def office(self, code: str) -> Json:
        return self._call("GET", f"/offices/{code}")

    def services(self) -> list[Json]:
        return self._items("/services", {})

    # What an office does. ``version`` is the ticket version it decided on.

    def request_handoff(
        self, code: str, version: int, *, receiver: str | None, reason: str, words: str | None = None,
        convene: bool = False,
    ) -> Json:  # fmt: skip
        """Ask for another office; the answer's ``event`` is the handoff's id, which :meth:`handoff_status` watches."""
        body = {"receiver": receiver, "convene": convene, "reason": reason, "words": words}
        return self.act(code, "handoffs", version, body)

    def accept(self, code: str, version: int) -> Json:
        return self.act(code, "accept", version, {})

    def refuse(self, code: str, version: int, *, reason: str, words: str | None, right_office: str | None) -> Json:
        return self.act(code, "refuse", version, {"reason": reason, "words": words, "right_office": right_office})

    def withdraw(self, code: str, version: int) -> Json:
        return self.act(code, "withdraw", version, {})

    def assign(self, code: str, version: int, *, receiver: str, reason: str, words: str | None = None) -> Json:
        return self.act(code, "assign", version, {"receiver": receiver, "reason": reason, "words": words})

    def convene(self, code: str, version: int, *, reason: str, words: str | None = None) -> Json:
        return self.act(code, "convene", version, {"reason": reason, "words": words})

    def pause(self, code: str, version: int, *, reason: str, until: str, words: str | None = None) -> Json:
        return self.act(code, "pause", version, {"reason": reason, "words": words, "until": until})

    def resolve(self, code: str, version: int, *, reason: str, words: str | None = None) -> Json:
        return self.act(code, "resolve", version, {"reason": reason, "words": words})

    def note(self, code: str, version: int, text: str, *, public: bool = True, secret: str | None = None) -> Json:
        return self.act(code, "notes", version, {"text": text, "public": public}, secret)

    def refer(self, code: str, version: int, agency: str) -> Json:
        return self.act(code, "referrals", version, {"agency": agency})

    def answer_referral(
        self, code: str, version: int, referral: str, *, outcome: str, receipt: str | None = None,
        words: str | None = None,
    ) -> Json:  # fmt: skip
        body = {"outcome": outcome, "receipt": receipt, "words": words}
        return self.act(code, f"referrals/{referral}/answer", version, body)

    def package(self, code: str, referral: str) -> Json:
        """What the agency may be given: ``fields`` with their values."""
        return self._call("GET", f"/tickets/{code}/referrals/{referral}/package")

    # What the reporter does

    def confirm(self, code: str, version: int, secret: str) -> Json:
        return self.act(code, "confirm", version, {}, secret)

    def object(self, code: str, version: int, secret: str, words: str | None = None) -> Json:
        return self.act(code, "object", version, {"words": words}, secret)

    def consent(self, code: str, version: int, secret: str, fields: list[str]) -> Json:
        return self.act(code, "consent", version, {"fields": fields}, secret)

    # Waiting

    def wait_for(
        self, code: str, until: Callable[[Json], bool], *, timeout: float = 30.0, secret: str | None = None
    ) -> Json:
        """The ticket, as soon as ``until`` holds of it.

        Raises:
            TimedOut: it did not within ``timeout``.
        """
        return wait(lambda: self.ticket(code, secret=secret), until, timeout=timeout, what=f"report {code}")

    def wait_for_handoff(self, code: str, handoff: str, *, timeout: float = 30.0) -> Json:
        """The handoff, as soon as routing has decided on it."""
        return wait(
            lambda: self.handoff_status(code, handoff),
            lambda each: each["status"] != "requested",
            timeout=timeout,
            what=f"the decision on a handoff of {code} (is routing running?)",
        )

    # Below: HTTP

    def act(self, code: str, act: str, version: int, body: Mapping[str, Any], secret: str | None = None) -> Json:
        """One act on the report, as it was decided on at ``version``."""
        headers = {"If-Match": f'"{version}"'}
        return self._call("POST", f"/tickets/{code}/{act}", body=body, headers=headers, secret=secret)

    def _items(self, path: str, query: Mapping[str, Any]) -> list[Json]:
        items: list[Json] = self._call("GET", path, query=query)["items"]
        return items

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        secret: str | None = None,
        repeat: bool = False,
    ) -> Json:
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if secret:
            sent["Estafet-Secret"] = secret
        repeat = repeat or method == "GET"
        answer = self._send(repeat, method, f"{self.url}/api/v1{path}", json=body, params=query, headers=sent)
        return _read(answer, self.url)

    def _send(self, repeat: bool, method: str, url: str, **parts: Any) -> httpx.Response:
        for tried in range(1, TRIES + 1):
            pause = 0.2 * tried
            try:
                answer = self._http.request(method, url, **parts)
                pause = max(pause, _asked_to_wait(answer))
                # What is one too many is refused before anything is done for it: it may always be repeated.
                again = answer.status_code in _BUSY and (repeat or answer.status_code == _TOO_MANY)
                if not again or tried == TRIES or pause > PATIENCE:
                    return answer
            except httpx.TransportError as error:
                if not repeat or tried == TRIES:
                    sentence = f"Nothing answers at {self.url} ({type(error).__name__}). Start it: estafet up"
                    raise Unreachable(0, "unreachable", sentence) from error
            time.sleep(pause)
        raise AssertionError("a call is tried at least once")


def _asked_to_wait(answer: httpx.Response) -> float:
    """The seconds of ``Retry-After``; what is not a number of them (a proxy may write a date) asks for none."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _read(answer: httpx.Response, url: str) -> Json:
    try:
        document = answer.json()
    except ValueError as error:
        sentence = f"What answers at {url} is not Estafet (HTTP {answer.status_code}, not JSON). Check --url."
        raise Unreachable(answer.status_code, "unreachable", sentence) from error
    if answer.is_success and isinstance(document, dict):
        return document
    if not isinstance(document, dict):
        raise Unreachable(answer.status_code, "unreachable", f"What answers at {url} is not Estafet. Check --url.")
    slug = str(document.get("type", "")).removeprefix(PROBLEM)
    detail = document.get("detail") or document.get("title") or f"HTTP {answer.status_code}"
    raise Problem(answer.status_code, slug, str(detail), tuple(document.get("errors") or ()))
