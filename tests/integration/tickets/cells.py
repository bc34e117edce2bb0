"""How each cell of the table of permissions is asked: what is sent, by whom, on a report that stands how."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from estafet.settings import DESK_ROLES
from services.tickets.access.entitlement import Role
from services.tickets.access.permissions import Person
from services.tickets.access.rights import Right
from services.tickets.pages import files, guard
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.reader import Reader
from tests.integration.tickets.served import Report, Served
from tests.integration.tickets.town import REPORT
from tests.support.pictures import photo

#: hulu took it first, jalan had it then, taman holds it and asks hilir; it is about bupati. As tests write tokens.
BEARERS = {
    "holding office": "taman",
    "guardian": "hulu",
    "former holder": "jalan",
    "offered office": "hilir",
    "another office": "utara",
    "coordinator above": "coordinator:asisten",
    "coordinator elsewhere": "coordinator:utara",
    "coordinator named in it": "coordinator:bupati",
    "app that sent it": "app:pengirim",
    "another app": "app",
    "auditor": "auditor",
    "ops": "ops",
}

#: The service's clock is the real one.
TOMORROW = datetime.now(UTC) + timedelta(days=1)

#: How each act is asked for, and how the report must stand for it. What is not here reads, or is asked with nothing.
BODIES: dict[str, dict[str, Any]] = {
    "submit a report": REPORT,
    "refuse": {"right_office": None, "reason": "not-our-task"},
    "request a handoff": {"receiver": "hilir", "reason": "not-our-task"},
    "convene": {"reason": "offices-disagree"},
    "assign": {"receiver": "taman", "reason": "competent-office"},
    "pause": {"reason": "weather", "until": TOMORROW.isoformat()},
    "resolve": {"reason": "fixed"},
    "refer": {"agency": "wasit"},
    "record an agency's answer": {"outcome": "settled"},
    "add a note": {"text": "Sudah dilihat."},
    "add a hidden note": {"text": "Belum pasti.", "public": False},
    "add photos": {"text": "Begini."},
    "object": {"words": "Belum selesai."},
    "consent": {"fields": ["text"]},
    "rate how it was handled": {"scores": {"time": 3}},
    "submit a report, by Open311": {"service_code": "lubang", "description": "Lubang.", "address_string": "Pasar"},
    "answer to it, by Open311": {
        "update_id": "7",
        "status": "OPEN",
        "updated_datetime": "2026-03-02T09:00:00+07:00",
        "description": "Masih ada.",
    },
}
FORMS: dict[str, dict[str, str]] = {
    "submit a report, by page": {"category": "lubang", "text": "Lubang."},
    "reply, by page": {"text": "Masih ada."},
    "look what a handoff would come to, by desk": {
        "act": "handoff",
        "receiver": "hilir",
        "reason": "not-our-task",
    },
    "look what a refusal would come to, by desk": {"act": "refuse", "right_office": "-", "reason": "not-our-task"},
    "refuse, by desk": {"right_office": "-", "reason": "not-our-task"},
    "request a handoff, by desk": {"receiver": "hilir", "reason": "not-our-task"},
    "convene, by desk": {"reason": "offices-disagree"},
    "assign, by desk": {"receiver": "taman", "reason": "competent-office"},
    "pause, by desk": {"reason": "weather", "until": TOMORROW.date().isoformat()},
    "resolve, by desk": {"reason": "fixed"},
    "refer, by desk": {"agency": "wasit"},
    "record an agency's answer, by desk": {"outcome": "settled"},
    "add a note, by desk": {"text": "Sudah dilihat."},
    "add a hidden note, by desk": {"text": "Belum pasti."},
    "ask the reporter, by desk": {"text": "Nomor berapa?"},
    "rate it, by page": {"time": "3"},
    "consent, by page": {"consent": "name"},
}
#: The acts of a desk that are named otherwise in addresses.
ACTS = {
    "request a handoff": "handoff",
    "record an agency's answer": "answer",
    "add a note": "note",
    "add a hidden note": "hidden-note",
    "ask the reporter": "ask",
}
#: What is posted and changes nothing about the report.
HARMLESS = (
    "open it with its key, by page",
    "look what a handoff would come to, by desk",
    "look what a refusal would come to, by desk",
    "rate how it was handled",
    "rate it, by page",
)
STATES = {
    **dict.fromkeys(("request a handoff", "convene", "pause", "resolve", "refer"), "held"),
    **dict.fromkeys(("confirm", "object", "confirm, by page", "object, by page"), "resolved"),
    "look what a handoff would come to": "held",
    **dict.fromkeys(("rate how it was handled", "see how to rate it, by page", "rate it, by page"), "resolved"),
    "read the rating": "rated",
    **dict.fromkeys(("record an agency's answer", "read a referral's package", "read who reported, in it"), "referred"),
}
QUERIES = {
    "read what awaits a coordinator": {"list": "convened"},
    "see what awaits a coordinator, by desk": {"list": "convened"},
}

#: Where the entitled see a part of an answer that others get without it.
PARTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "text": lambda answer: answer.get("text") == REPORT["text"],
    "hidden note": lambda answer: any(not each["public"] for each in answer.get("notes", ())),
    "contact": lambda answer: (answer.get("contact") or {}).get("email") == "budi@contoh.id",
    "body": lambda answer: all("body" in each for each in answer["entries"]),
    "name": lambda answer: answer["fields"]["name"] == "Budi Santoso",
    "held": lambda answer: "held" in answer,
}
#: The same on a page.
SEEN = {"text": REPORT["text"], "hidden note": "Cek dulu.", "contact": "budi@contoh.id"}


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
