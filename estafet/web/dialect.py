"""How bodies are read and problems told: as the rest of the API does, or as another standard says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from estafet.web import bodies
from estafet.web.problems import Problem
from estafet.web.server import HttpRequest


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is different at an endpoint that another standard describes, and our OpenAPI document therefore does not.

    Attributes:
        parse: how a body becomes a document.
        refuse: how a problem is told.
    """

    parse: Callable[[HttpRequest], dict[str, Any]]
    refuse: Callable[[Problem, HttpRequest], Response]


#: JSON, and problem+json.
OURS = Dialect(lambda request: bodies.parse(request.content), lambda problem, request: problem.response())
