"""What is sent for each right of the table of permissions, by whom, on a report that stands how; and what is seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.tickets.town import REPORT

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
