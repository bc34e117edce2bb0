"""The OpenAPI 3.1 document of a service, from the declarations its endpoints are checked by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from estafet.web import multipart
from estafet.web.dialect import OURS
from estafet.web.endpoint import Endpoint
from estafet.web.entrypoint import endpoints_of
from estafet.web.problems import LIMITS, PROBLEMS
from estafet.web.schemas import ProblemDetails

_VARIABLE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")

_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An office's token, from `estafet token issue`."},
    "secret": {
        "type": "apiKey",
        "in": "header",
        "name": "Estafet-Secret",
        "description": "The reporter's secret, given once when the report was accepted.",
    },
}

#: Answers that say when to ask again.
_RETRIED = (429, 503)
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}

#: Of answers that no schema shapes, by the first part of their media type.
_SHAPES = {"text": {"type": "string"}, "image": {"type": "string", "format": "binary"}}

#: What a header of ours may hold: visible ASCII.
_VISIBLE = {"type": "string", "pattern": "^[!-~]{1,255}$"}


def document(service: type, title: str, version: str, description: str) -> dict[str, Any]:
    """The document as JSON-ready data."""
    spec = APISpec(
        title=title,
        version=version,
        openapi_version="3.1.0",
        info={"description": description},
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    for name, scheme in _SECURITY.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("ProblemDetails", schema=ProblemDetails)
    ours = [each for each in endpoints_of(service) if each[1].dialect is OURS]
    for name, endpoint in sorted(ours, key=lambda each: (each[1].path, each[1].method)):
        path = _VARIABLE.sub(r"{\1}", endpoint.path)
        spec.path(path=path, operations={endpoint.method.lower(): _operation(name, endpoint)})
    described: dict[str, Any] = _portable(spec.to_dict())
    return described


def _portable(value: Any) -> Any:
    r"""JSON Schema patterns are those of ECMA 262, which writes Python's ``\Z`` as ``$``."""
    if isinstance(value, dict):
        return {
            key: inner.replace(r"\Z", "$") if key == "pattern" and isinstance(inner, str) else _portable(inner)
            for key, inner in value.items()
        }
    return [_portable(each) for each in value] if isinstance(value, list) else value


def _name(schema: type[Schema] | Schema) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__


def _operation(name: str, endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": endpoint.summary,
        "parameters": list(_parameters(endpoint)),
        "responses": dict(_responses(endpoint)),
    }
    if endpoint.body:
        kind = multipart.MEDIA_TYPE if endpoint.files else "application/json"
        operation["requestBody"] = {"required": True, "content": {kind: {"schema": endpoint.body}}}
    if endpoint.auth:
        operation["security"] = [{scheme: []} if scheme else {} for scheme in endpoint.auth]
    return operation


def _parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for variable in _VARIABLE.findall(endpoint.path):
        yield {"name": variable, "in": "path", "required": True, "schema": {"type": "string"}}
    if endpoint.query:
        yield {"in": "query", "schema": endpoint.query}
    if endpoint.versioned:
        yield {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "The ETag of the version decided on.",
            "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,9}"$'},
        }
    for header, description in endpoint.headers.items():
        yield {"name": header, "in": "header", "description": description, "schema": _VISIBLE}


def _responses(endpoint: Endpoint) -> Iterator[tuple[str, Any]]:
    schema: Any = endpoint.answer or _SHAPES.get(endpoint.media_type.partition("/")[0], {"type": "object"})
    yield (
        str(endpoint.status),
        {"description": endpoint.summary, "content": {endpoint.media_type: {"schema": schema}}},
    )
    slugs: dict[int, list[str]] = {}
    for slug in dict.fromkeys((*endpoint.problems, *_always(endpoint))):
        slugs.setdefault(PROBLEMS[slug].status, []).append(slug)
    for status, each in sorted(slugs.items()):
        answer: dict[str, Any] = {
            "description": "; ".join(f"`{slug}`: {PROBLEMS[slug].title}" for slug in each),
            "content": {"application/problem+json": {"schema": ProblemDetails}},
        }
        if status == endpoint.otherwise:
            answer["content"][endpoint.media_type] = {"schema": schema}
        if status in _RETRIED:
            answer["headers"] = {"Retry-After": _RETRY_AFTER}
        yield str(status), answer


def _always(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.body:
        yield from ("malformed", "invalid", "too-large")
    if endpoint.query:
        yield from ("malformed", "invalid")
    if endpoint.auth:
        yield "wrong-token"
        if "" not in endpoint.auth:
            yield "no-token"
    if endpoint.versioned:
        yield from ("malformed", "version-needed", "stale")
    if endpoint.limited:
        yield from LIMITS
    yield from ("unexpected", "unavailable")
