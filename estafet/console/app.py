"""From an address to its page; what cannot be answered is said in a sentence."""

from __future__ import annotations

import mimetypes
import sys
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request as AnyRequest
from werkzeug.wrappers import Response

from estafet.cli.failure import Failure, of_database
from estafet.console.guard import HEADERS, Guard
from estafet.console.pages import Pages
from estafet.events import ijson

_STATIC = Path(__file__).parent / "static"
_FILES = frozenset({"console.css", "console.js", "icon.svg"})


class Request(AnyRequest):
    """No form of ours is longer."""

    max_content_length = 16 * 1024
    max_form_memory_size = 16 * 1024
    max_form_parts = 20


class App:
    """The console as WSGI."""

    def __init__(self, pages: Pages, guard: Guard) -> None:
        self._pages, self._guard = pages, guard
        self._addresses = Map(
            [
                Rule("/", endpoint=pages.front, methods=["GET"]),
                Rule("/now", endpoint=pages.front_now, methods=["GET"]),
                Rule("/deferred", endpoint=pages.groups, methods=["GET"]),
                Rule("/deferred/<service>", endpoint=pages.group, methods=["GET"]),
                Rule("/deferred/<service>", endpoint=pages.decide_on_group, methods=["POST"]),
                Rule("/deferred/<service>/<id>", endpoint=pages.message, methods=["GET"]),
                Rule("/deferred/<service>/<id>", endpoint=pages.decide_on_message, methods=["POST"]),
                Rule("/rounds/<int:number>", endpoint=pages.round, methods=["GET"]),
                Rule("/rounds/<int:number>/now", endpoint=pages.round_now, methods=["GET"]),
                Rule("/trace", endpoint=pages.trace, methods=["GET"]),
                Rule("/static/<name>", endpoint=_file, methods=["GET"]),
            ],
            merge_slashes=False,  # it would answer with a redirect
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = self._answer(Request(environ))
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            refusal = self._guard.refusal(request)
            if refusal:
                return Response(refusal, 403, content_type="text/plain; charset=utf-8")
            if self._guard.brings_key(request):
                return self._let_in(request)
            endpoint, values = self._addresses.bind_to_environ(request.environ).match()
            _check(*(each for each in values.values() if isinstance(each, str)))
            _check(*request.args.values(), *request.form.values())
            answer: Response = endpoint(request, **values)
            return answer
        except Failure as failure:
            return self._pages.refused(str(failure), 409)
        except HTTPException as error:
            return self._pages.refused(_SAID.get(error.code or 0, "This cannot be read."), error.code or 400)
        except Exception as error:
            return self._mistake(error)

    def _let_in(self, request: Request) -> Response:
        """The key leaves the address, where it could be looked at."""
        response = redirect("/", 303)
        response.set_cookie(self._guard.cookie, self._guard.key, httponly=True, samesite="Lax")
        return response

    def _mistake(self, error: Exception) -> Response:
        """Of an error, the terminal is told the place and the kind: its text may repeat what somebody wrote."""
        sentence = of_database(error)
        if sentence:
            return self._pages.refused(sentence, 503)
        traceback.print_tb(error.__traceback__)
        print(type(error).__name__, file=sys.stderr)
        return self._pages.refused("That is a mistake of the console: the terminal where it runs says where.", 500)


_SAID = {
    404: "There is no such page.",
    405: "This page is only to be looked at.",
    413: "That is too long: say it in fewer words.",
}


def _check(*texts: str) -> None:
    """What no database could even be asked for is not there."""
    if not all(ijson.is_text(each) for each in texts):
        raise NotFound


def _file(request: AnyRequest, name: str) -> Response:
    if name not in _FILES:
        raise NotFound
    kind = mimetypes.guess_type(name)[0]
    return Response((_STATIC / name).read_bytes(), content_type=f"{kind}; charset=utf-8")
