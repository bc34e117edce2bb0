"""How each cell of the table of permissions is asked, on reports that are prepared for it."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

import httpx

from estafet.settings import DESK_ROLES
from services.tickets.access.entitlement import Role
from services.tickets.access.permissions import Person
from services.tickets.access.rights import Right
from services.tickets.pages import files, guard
from tests.integration.tickets.asked import ACTS, BEARERS, BODIES, FORMS, QUERIES, TOMORROW
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import Reader
from tests.integration.tickets.served import Report, Served
from tests.support.pictures import photo


class Cells:
    """Reports prepared for one cell after another; one that was acted on is not used again."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._ready: dict[tuple[str, bool], tuple[Report, str]] = {}
        self.seat = functools.cache(self._seat)

    def prepared(self, state: str, confidential: bool) -> tuple[Report, str]:
        """A report that stands so, and the id of its handoff under way or of its referral."""
        if (state, confidential) not in self._ready:
            self._ready[state, confidential] = self._prepare(state, confidential)
        return self._ready[state, confidential]

    def used(self, state: str, confidential: bool) -> None:
        del self._ready[state, confidential]

    def _prepare(self, state: str, confidential: bool) -> tuple[Report, str]:
        category = "curang" if confidential else "lubang"
        sender = self.served.headers(BEARERS["app that sent it"])
        report = self.served.report(sender, category=category, named=["bupati"], consent=["text", "name"]).held(
            "hulu", resolve_by=TOMORROW + timedelta(days=9)
        )
        for sender, receiver in (("hulu", "jalan"), ("jalan", "taman")):
            self._post(report, "handoffs", sender, receiver=receiver, reason="not-our-task")
            report.held(receiver)
        self._post(report, "notes", "taman", text="Cek dulu.", public=False)
        if state == "offered":
            id = self._post(report, "handoffs", "taman", receiver="hilir", reason="not-our-task")
            report.offered("hilir")
        elif state == "referred":
            id = self._post(report, "referrals", "taman", agency="wasit")
        elif state in ("resolved", "rated"):
            id = self._post(report, "resolve", "taman", reason="fixed")
            if state == "rated":
                assert report.post("rating", secret=True, scores={"time": 3}).is_success
        else:
            id = ""
        return report, id

    def photo_of(self, report: Report) -> str:
        """The id of its photo, which the holder adds when it is first asked for: to develop one takes its time."""
        if not (there := self._photos(report)):
            added = self._send_photo(f"/api/v1/tickets/{report.code}/attachments", report, self.served.headers("taman"))
            assert added.is_success, added.text
            there = self._photos(report)
        return there[0]

    @staticmethod
    def _photos(report: Report) -> list[str]:
        return [each["id"] for each in report.get(office="taman").json()["attachments"]]

    def _post(self, report: Report, path: str, office: str, **body: Any) -> str:
        response = report.post(path, office, **body)
        assert response.is_success, response.text
        id: str = response.json()["event"]
        return id

    def _send_photo(self, place: str, report: Report, headers: dict[str, str], **fields: str) -> httpx.Response:
        headers = {"If-Match": f'"{report.version}"', **headers}
        return self.served.http.post(place, data=fields, files={"photos": photo(9, 9)}, headers=headers)

    def ask(self, right: Right, person: Person, report: Report, id: str) -> httpx.Response:
        method, path = right.endpoint.split(" ")
        code = report.code if right.of_report else "taman"
        headers = self.served.headers(BEARERS.get(person.name)) | {"If-Match": f'"{report.version}"'}
        if Role.REPORTER in person.roles:
            headers["Estafet-Secret"] = report.secret
        body = BODIES.get(right.name, {}) if method == "POST" else None
        places = {"<code>": code, "<id>": id, "<party>": "routing", "<event>": "handoff.offered.v1"}
        place = functools.reduce(lambda text, each: text.replace(*each), places.items(), path)
        if right.name == "add photos":
            return self._send_photo(place, report, headers, **BODIES[right.name])
        if right.open311:
            return self._ask_by_open311(method, place, report, headers, body)
        if right.desk:
            return self._ask_at_desk(right, method, path.replace("<code>", report.code), person, report, id)
        if right.page:
            path = path.replace("<code>", report.code).replace("<id>", id)
            return self._ask_for_page(right, method, path, person, report)
        query = QUERIES.get(right.name, {})
        return self.served.http.request(method, place, json=body, headers=headers, params=query)

    def _ask_for_page(self, right: Right, method: str, place: str, person: Person, report: Report) -> httpx.Response:
        """As a browser does; tokens come along for nothing."""
        headers = self.served.headers(BEARERS.get(person.name))
        cookies = {guard.COOKIE: "browser"}
        form = {guard.FIELD: guard.proof("browser"), "version": str(report.version), **FORMS.get(right.name, {})}
        if right.name == "forget the key, by page":
            form["code"] = report.code
        if Role.REPORTER in person.roles:
            cookies["estafet_key"] = form["secret"] = report.secret
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.served.http.cookies.clear()  # of who was here before
        place = place.replace("<name>", files.address("pages.js").rpartition("/")[2])
        with self.served.http.stream(method, place, headers=headers, data=form if method == "POST" else None) as answer:
            if answer.headers["content-type"].startswith("text/html"):
                answer.read()  # the stream of events has no end
        return answer

    def _seat(self, person: Person) -> Reader:
        """Their browser, signed in if they can have an account."""
        if person.token not in DESK_ROLES:
            return Reader(str(self.served.http.base_url))
        officer = Officer(self.served, BEARERS[person.name])
        officer.sign_in()
        return officer

    def _ask_at_desk(
        self, right: Right, method: str, place: str, person: Person, report: Report, id: str
    ) -> httpx.Response:
        """As somebody at a desk does; tokens and keys come along for nothing."""
        reader = self.seat(person)
        place = place.replace("<act>", ACTS.get(right.what, right.what))
        headers = self.served.headers(BEARERS.get(person.name))
        if Role.REPORTER in person.roles:
            headers["Estafet-Secret"] = report.secret
        if method == "POST":
            fields = {"version": str(report.version), "referral": id, **FORMS.get(right.name, {})}
            fields[guard.FIELD] = guard.proof(reader.http.cookies.get(guard.COOKIE) or _cookie(reader))
            return reader.http.post(place, data=fields, headers=headers)
        with reader.http.stream("GET", place, headers=headers, params=QUERIES.get(right.name, {})) as answer:
            if answer.headers["content-type"].startswith("text/html"):
                answer.read()  # the stream of events has no end
        return answer

    def _ask_by_open311(
        self, method: str, place: str, report: Report, headers: dict[str, str], body: dict[str, Any] | None
    ) -> httpx.Response:
        """A form, about a report that is listed; or, if one is to be answered to, about the report in question."""
        name = "lubang" if "/services/" in place else self.prepared("offered", False)[0].code
        place = place.replace("<name>", name).replace("<format>", "json")
        if body is not None:
            # Each update is another one, but for what it says.
            body = {
                **body,
                "service_request_id": report.code,
                "update_id": f"{report.code} {headers.get('Authorization')}",
            }
        return self.served.http.request(method, place, data=body, headers=headers)


def _cookie(reader: Reader) -> str:
    """The secret between a browser and us: given with the first form."""
    reader.get("/desk/sign-in")
    return str(reader.http.cookies[guard.COOKIE])
