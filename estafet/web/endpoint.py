"""An HTTP endpoint of a service: what it takes and answers is declared, and the declaration is what checks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from traceback import extract_tb
from typing import Any

import structlog
from marshmallow import Schema
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.wrappers import Request, Response

from estafet.events import ijson
from estafet.web import multipart
from estafet.web.dialect import OURS, Dialect
from estafet.web.metrics import REQUESTS
from estafet.web.problems import Problem
from estafet.web.rates import bearer
from estafet.web.schemas import instance, load
from estafet.web.server import HttpRequest

_log = structlog.get_logger(__name__)

_VERSION = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request, checked against its endpoint's declaration. ``body`` and ``query`` hold Python values."""

    request: HttpRequest
    body: dict[str, Any]
    query: dict[str, Any]
    #: The version an ``If-Match`` named.
    version: int | None

    @property
    def token(self) -> str | None:
        """The bearer token (RFC 6750).

        Raises:
            Problem: ``wrong-token``, for another scheme.
        """
        if "Authorization" not in self.request.headers:
            return None
        token = bearer(self.request)
        if token is None:
            raise Problem("wrong-token", "Send the header as: Authorization: Bearer est_...")
        return token

    @property
    def idempotency_key(self) -> str | None:
        """The ``Idempotency-Key``.

        Raises:
            Problem: ``malformed``, when it is empty, too long or not printable ASCII.
        """
        key = self.request.headers.get("Idempotency-Key")
        if key is not None and not _KEY.fullmatch(key):
            raise Problem("malformed", "Idempotency-Key must be 1 to 255 visible ASCII characters.")
        return key


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers when its data alone would not say enough."""

    data: Any
    status: int | None = None
    #: The version for the ``ETag``.
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """The declaration of one endpoint: it validates the request, shapes the answer and describes both in OpenAPI.

    Attributes:
        path: werkzeug rule, such as ``/api/v1/tickets/<code>``.
        body, query: request schemas; None: there is none, and a body is not read.
        answer: schema the answer is dumped through; None: the data is JSON already.
        auth: ``token`` and/or ``secret``; ``""`` among them means that neither is needed.
        versioned: whether ``If-Match`` must name the version decided on.
        problems: slugs it may answer with, beside those any endpoint may.
        headers: of the request, with what each is for: for the document alone.
        otherwise: another status that comes with an answer of the same kind.
        files: the files that may come with a form; None: none.
        limited: whether the limits against overload hold for it.
        cookie: the cookie that a session comes in; None: there are tokens instead.
        weight: as how many requests one counts that comes without a good token or session.
        miss: as how many more, when it is answered that there is nothing, or that its sender may not; and when the
            session that came is none.
        media_type: of the answer, for the document alone: a handler whose answer is no JSON makes it itself.
        dialect: how bodies are read and problems told.
    """

    method: str
    path: str
    summary: str
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    status: int = 200
    auth: tuple[str, ...] = ()
    versioned: bool = False
    problems: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    otherwise: int | None = None
    files: multipart.Files | None = None
    limited: bool = True
    cookie: str | None = None
    weight: int = 1
    miss: int = 0
    media_type: str = "application/json"
    dialect: Dialect = OURS

    def respond(self, service: str, handle: Callable[[Call], Any], request: HttpRequest) -> Response:
        """Check, handle, answer. Never raises: whatever goes wrong becomes a problem."""
        began = perf_counter()
        try:
            response = self._response(handle(self._call(request)))
        except Problem as problem:
            response = self.dialect.refuse(problem, request)
        except (OperationalError, TimeoutError) as error:
            # The latter: others had all connections for as long as one may wait.
            _log.error("database away", service=service, route=self.path, error=type(error).__name__)
            away = Problem("unavailable", "Try again in a moment.", headers={"Retry-After": "5"})
            response = self.dialect.refuse(away, request)
        except Exception as error:
            # Its message may hold what a person wrote; where it happened cannot.
            _log.error("request failed", service=service, route=self.path, error=type(error).__name__, at=_place(error))
            unexpected = Problem("unexpected", "It was logged. Nothing was changed; try again later.")
            response = self.dialect.refuse(unexpected, request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        REQUESTS.labels(service, self.method, self.path, str(response.status_code)).observe(perf_counter() - began)
        return response

    def _call(self, request: HttpRequest) -> Call:
        return Call(
            request=request,
            body=load(self.body, self.dialect.parse(request)) if self.body else {},
            query=load(self.query, _query(request)) if self.query else {},
            version=self._version(request) if self.versioned else None,
        )

    @staticmethod
    def _version(request: Request) -> int:
        header = request.headers.get("If-Match")
        if header is None:
            raise Problem("version-needed", 'Read the report and send its ETag back, as in If-Match: "3".')
        match = _VERSION.fullmatch(header.strip())
        if match is None:
            raise Problem("malformed", 'If-Match must name one version, as in "3".')
        return int(match[1])

    def _response(self, answer: Any) -> Response:
        if isinstance(answer, Response):
            return answer
        if not isinstance(answer, Answer):
            answer = Answer(answer)
        headers = dict(answer.headers)
        if answer.version is not None:
            headers["ETag"] = f'"{answer.version}"'
        data = instance(self.answer).dump(answer.data) if self.answer else answer.data
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return Response(text, status=answer.status or self.status, headers=headers, content_type="application/json")


def _query(request: Request) -> dict[str, str]:
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Problem("malformed", f"{name} is given twice.", [(name, "given twice")])
        if not ijson.is_text(values[0]):
            raise Problem("malformed", f"{name} holds a character that is not text.", [(name, "not text")])
    return request.args.to_dict()


def _place(error: BaseException) -> str:
    frame = extract_tb(error.__traceback__)[-1]
    return f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
