"""One request for a page: who asks, in which language, and how what they get is sent."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from http import HTTPStatus
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from estafet.web import Call, Dialect, Problem, api
from estafet.web.forms import Form
from estafet.web.multipart import Upload
from estafet.web.server import HttpRequest
from services.tickets.pages import forms, guard
from services.tickets.pages.drawing import draw
from services.tickets.pages.refusing import refusal
from services.tickets.pages.words import LANGUAGES, Words, words

_HTML = "text/html"
_LANGUAGE = "estafet_lang"
_YEAR = 365 * 24 * 3600
#: Smaller answers are not worth compressing.
_SMALL = 1000


@dataclass
class Visit:
    """A request, and the cookies that its answer sets.

    Attributes:
        public_url: where citizens reach us; None: before a service took the request.
        code: the report that the page is about.
    """

    request: HttpRequest
    public_url: str | None = None
    form: Mapping[str, Any] = field(default_factory=dict)
    code: str | None = None
    _cookies: list[tuple[str, str, str, int | None]] = field(default_factory=list)

    @cached_property
    def words(self) -> Words:
        asked = self.request.args.get("lang")
        if asked in LANGUAGES:
            self.keep(_LANGUAGE, asked, seconds=_YEAR)
        else:
            asked = self.request.cookies.get(_LANGUAGE)
        return words(asked if asked in LANGUAGES else LANGUAGES[0])

    @cached_property
    def browser(self) -> str:
        """The secret between us and this browser, from its cookie; a new one for one that has none."""
        known = self.request.cookies.get(guard.COOKIE)
        if known:
            return known
        made = guard.new_cookie()
        self.keep(guard.COOKIE, made)
        return made

    @property
    def files(self) -> list[Upload]:
        """What came with the form."""
        return self.request.parts.files if self.request.parts else []

    @property
    def secure(self) -> bool:
        return (self.public_url or "").startswith("https:")

    def keep(self, name: str, value: str, path: str = "/", seconds: int | None = None) -> None:
        """Set a cookie: until the browser is closed, or for so long. No script ever reads it."""
        self._cookies.append((name, value, path, seconds))

    def forget(self, name: str, path: str) -> None:
        self.keep(name, "", path, 0)

    def draw(self, template: str, status: int = 200, **facts: Any) -> Response:
        """A page, in the language of this visit."""
        return Response(draw(template, self, **facts), status=status, content_type=f"{_HTML}; charset=utf-8")

    def go(self, address: str) -> Response:
        """The answer to a form that was taken: a page to look at, which can be loaded again."""
        return redirect(address, HTTPStatus.SEE_OTHER)

    def refuse(self, problem: Problem) -> Response:
        told = refusal(problem, self.words, self.code)
        response = self.draw("refused.html", told.status, told=told)
        response.headers.update(told.headers)
        return response

    def finish(self, response: Response) -> Response:
        """What every page is sent with."""
        for name, value, path, seconds in self._cookies:
            response.set_cookie(
                name, value, max_age=seconds, path=path, secure=self.secure, httponly=True, samesite="Lax"
            )
        for name, text in guard.headers().items():
            response.headers.setdefault(name, text)
        response.headers.setdefault("Cache-Control", "no-store")
        if response.is_sequence and response.mimetype == _HTML:
            self._compress(response)
        return response

    def _compress(self, response: Response) -> None:
        body = response.get_data()
        response.headers["Vary"] = "Accept-Encoding, Cookie"
        if len(body) > _SMALL and self.request.accept_encodings.best_match(["gzip"]):
            response.set_data(gzip.compress(body, 6))
            response.headers["Content-Encoding"] = "gzip"


def _refuse(problem: Problem, request: HttpRequest) -> Response:
    """What is wrong before any page was asked."""
    visit = Visit(request)
    return visit.finish(visit.refuse(problem))


DIALECT = Dialect(forms.parse, _refuse)


def page(
    method: str, path: str, summary: str, **declaration: Any
) -> Callable[[Callable[..., Response]], Callable[..., Any]]:
    """Make a service's method a page: ``handler(self, visit, **path_values)`` answers a response or raises a
    :class:`Problem`, which becomes a page too. A form is taken only from our own pages.
    """
    body = Form if method == "POST" else None
    declare = api(method, path, summary, body=body, dialect=DIALECT, media_type=_HTML, **declaration)

    def decorate(handler: Callable[..., Response]) -> Callable[..., Any]:
        @wraps(handler)
        def answer(service: Any, call: Call, **values: str) -> Response:
            visit = Visit(call.request, service.public_url, call.body)
            try:
                if method == "POST":
                    guard.require(call.request, call.body, service.public_url)
                return visit.finish(handler(service, visit, **values))
            except Problem as problem:
                return visit.finish(visit.refuse(problem))

        return declare(answer)

    return decorate
