"""A browser without JavaScript: it keeps cookies, follows links, and fills in the forms that it was given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.integration.tickets.served import Report, Served

KEY = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){5}")
#: Where a photo is, and what is said of it, by its thumbnail.
THUMBNAIL = re.compile(r'<a href="(/[^"]+)" target="_blank" rel="noopener"><img src="\1\?small"[^>]* alt="([^"]+)"')


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str
    method: str
    fields: dict[str, Any] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append(Form(given.get("action") or "", given.get("method") or "get"))
        elif tag in ("input", "textarea", "select") and self.forms and given.get("name"):
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self.forms[-1].fields[str(given["name"])] = given.get("value") or ""


class Reader:
    def __init__(self, url: str, language: str = "id") -> None:
        self.http = httpx.Client(base_url=url, timeout=20, headers={"Accept": "text/html"})
        self.origin = str(self.http.base_url).rstrip("/")
        self.http.get("/", params={"lang": language})

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, follow_redirects=True)

    def form(self, page: httpx.Response, action: str) -> Form:
        return self.forms(page, action)[0]

    def forms(self, page: httpx.Response, action: str) -> list[Form]:
        parser = _Forms()
        parser.feed(page.text)
        found = [each for each in parser.forms if each.action == action]
        assert found, f"no form to {action}"
        return found

    def post(self, form: Form, follow: bool = True, photos: Sequence[bytes] = (), **filled: Any) -> httpx.Response:
        """With ``photos`` as multipart/form-data, all of them named as if they were the same photo."""
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"}
        data = {**form.fields, **filled}
        data.pop("photos", None)
        files = [("photos", ("foto.jpg", each, "image/jpeg")) for each in photos] or None
        return self.http.post(form.action, data=data, files=files, headers=headers, follow_redirects=follow)

    def report(self, follow: bool = True, photos: Sequence[bytes] = (), **filled: Any) -> httpx.Response:
        form = self.form(self.get("/report"), "/report")
        return self.post(form, follow, photos, **{"category": "lubang", "text": "Lubang besar.", **filled})

    def opened(self, code: str, secret: str) -> httpx.Response:
        """The page of a report, opened with its key."""
        return self.post(self.form(self.get(f"/t/{code}"), f"/t/{code}/open"), secret=secret)


def text_of(page: httpx.Response) -> str:
    """What is read on a page, in one line."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", bare).split())


def code_of(page: httpx.Response) -> str:
    found = re.search(r"CTH-[0-9A-Z]{4}-[0-9A-Z]{3}", page.text)
    assert found
    return found[0]


def with_photos(served: Served, reader: Reader, *photos: bytes) -> Report:
    """A report that was sent with photos."""
    receipt = reader.report(photos=photos)
    found = KEY.search(receipt.text)
    assert found, text_of(receipt)
    return Report(served, code_of(receipt), found[0])


def resolved(served: Served) -> Report:
    """Handed on, refused twice, convened, assigned, resolved."""
    report = served.report().held("jalan")
    assert report.post("handoffs", "jalan", receiver="taman", reason="not-our-task", words="Ini taman.").is_success
    report.offered("taman")
    assert report.post("refuse", "taman", right_office="hulu", reason="other-place", words="Di luar pagar.").is_success
    report.offered("hulu")
    assert report.post("refuse", "hulu", right_office=None, reason="not-our-task").is_success
    report.convened()
    assert report.post("assign", "coordinator:asisten", receiver="taman", reason="competent-office").is_success
    assert report.post("resolve", "taman", reason="fixed", words="Sudah rata.").is_success
    return report


def events(answer: httpx.Response) -> Iterator[str]:
    """What a stream says, as it says it."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    return (line for line in answer.iter_lines() if line.startswith("event:"))
