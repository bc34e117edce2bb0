"""The running service as citizens and officers meet it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from estafet.web import PROBLEMS
from services.tickets.access import tokens
from tests.integration.tickets.town import NOW, REPORT, Town

#: Why an office hands a report on, where any reason will do.
BECAUSE = {"reason": "not-our-task"}


def problem(response: httpx.Response, slug: str) -> dict[str, Any]:
    """The problem document, after checking that it is well-formed and of this kind."""
    document: dict[str, Any] = response.json()
    assert document["type"] == f"urn:estafet:problem:{slug}", document
    assert response.headers["content-type"] == "application/problem+json"
    assert document["status"] == response.status_code == PROBLEMS[slug].status
    assert document["detail"]
    return document


@dataclass
class Report:
    """A report in the running service, with the secret of its reporter."""

    served: Served
    code: str
    secret: str

    @property
    def version(self) -> int:
        version: int = self.served.town.case(self.code).version
        return version

    def post(
        self, path: str, office: str | None = None, version: int | None = None, secret: bool = False, **body: Any
    ) -> httpx.Response:
        """An act at the present version, by an office (``office`` or ``coordinator:office``) or the reporter."""
        headers = self.served.headers(office) | {"If-Match": f'"{version or self.version}"'}
        if secret:
            headers["Estafet-Secret"] = self.secret
        return self.served.http.post(f"/api/v1/tickets/{self.code}/{path}", json=body, headers=headers)

    def get(self, path: str = "", office: str | None = None, secret: str | None = None) -> httpx.Response:
        headers = self.served.headers(office) | ({"Estafet-Secret": secret} if secret else {})
        return self.served.http.get(f"/api/v1/tickets/{self.code}{path}", headers=headers)

    def offered(self, office: str, **changes: Any) -> Report:
        """Routing has decided."""
        self.served.town.deliver(self.served.town.routed(self.code, office, **changes))
        return self

    def held(self, office: str, **changes: Any) -> Report:
        self.offered(office, **changes)
        assert self.post("accept", office).status_code == 200
        return self

    def convened(self, coordinator: str = "asisten") -> Report:
        self.served.town.deliver(self.served.town.blocked(self.code, coordinator))
        return self


class Served:
    def __init__(self, http: httpx.Client, town: Town, log: Path) -> None:
        self.http = http
        self.town = town
        self.log = log
        self.token = cache(self._token)

    def _token(self, who: str) -> str:
        """A token for ``office``, ``coordinator:office``, ``app:name``, or the role ``auditor``, ``app`` or ``ops``."""
        role, _, office = who.rpartition(":")
        if who in ("auditor", "app", "ops"):
            role, office = who, None
        with self.town.works.database.begin() as connection:
            text, _ = tokens.issue(connection, role or "officer", office, "a test", NOW)
        return text

    def headers(self, who: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(who)}"} if who else {}

    def submit(self, headers: dict[str, str] | None = None, **changes: Any) -> httpx.Response:
        return self.http.post("/api/v1/reports", json=REPORT | changes, headers=headers or {})

    def report(self, headers: dict[str, str] | None = None, **changes: Any) -> Report:
        response = self.submit(headers, **changes)
        assert response.status_code == 201, response.text
        given = response.json()
        return Report(self, given["code"], given["secret"])


def said(served: Served, report: Report, name: str) -> list[dict[str, Any]]:
    """The events of that name about the report."""
    return [each for each in served.town.said(name) if each.get("subject") == report.code]


def chain_is_whole(report: Report) -> bool:
    whole: bool = report.get("/chain/verify", office="auditor").json()["ok"]
    return whole
