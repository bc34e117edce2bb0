"""HTTP: what events look like, for people and for programs, made from the contracts this process checks them by."""

from __future__ import annotations

import json
from functools import cache

from werkzeug.wrappers import Response

from estafet.events import asyncapi, page
from estafet.events.documents import yaml_of
from estafet.events.jsonschema import envelope_schema
from estafet.events.release import schemas
from estafet.web import Call, Problem, api

_YAML = "application/yaml"
_HTML = "text/html"

#: Seconds for which a browser need not ask again. They change with a release.
_FRESH = {"Cache-Control": "public, max-age=300"}
_PAGE = {**_FRESH, "Content-Security-Policy": page.POLICY, "Referrer-Policy": "no-referrer"}


class Contracts:
    @api("GET", "/contracts", "Every event, as a page", media_type=_HTML)
    def read_contracts(self, call: Call) -> Response:
        return Response(_page(), headers=_PAGE, content_type=f"{_HTML}; charset=utf-8")

    @api("GET", "/contracts/asyncapi.yaml", "What tickets sends and receives (AsyncAPI 3.1)", media_type=_YAML)
    def read_own_asyncapi(self, call: Call) -> Response:
        return Response(_asyncapi("tickets", "schemas"), headers=_FRESH, content_type=_YAML)

    @api(
        "GET",
        "/contracts/asyncapi/<party>.yaml",
        "What a service, or an app (intake), sends and receives (AsyncAPI 3.1)",
        media_type=_YAML,
        problems=("not-found",),
    )
    def read_asyncapi(self, call: Call, party: str) -> Response:
        if party not in asyncapi.DESCRIPTIONS:
            raise Problem("not-found", f"There are {', '.join(asyncapi.DESCRIPTIONS)}.")
        return Response(_asyncapi(party, asyncapi.SCHEMAS), headers=_FRESH, content_type=_YAML)

    @api(
        "GET",
        "/contracts/schemas/<event>.json",
        "JSON Schema of an event, such as handoff.offered.v1, or of the envelope",
        media_type="application/schema+json",
        problems=("not-found",),
    )
    def read_schema(self, call: Call, event: str) -> Response:
        found = _schemas().get(event)
        if found is None:
            raise Problem("not-found", "There is no such event and version. /contracts lists them.")
        return Response(found, headers=_FRESH, content_type="application/schema+json")


@cache
def _page() -> str:
    return page.html("contracts/")


@cache
def _asyncapi(service: str, schemas: str) -> str:
    return yaml_of(asyncapi.document(service, schemas))


@cache
def _schemas() -> dict[str, str]:
    found = {"envelope": envelope_schema(), **schemas()}
    return {name: json.dumps(each, ensure_ascii=False) for name, each in found.items()}
