"""Every letter of every golden event, in both languages, confidential and not: what it says, and its HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from estafet.events import parse
from estafet.events.golden import GOLDEN
from services.notify.audience import TOLD, agency_message, audience
from services.notify.messages import CONFIDENTIAL, DIGEST, Message
from services.notify.store import as_json
from services.notify.wording import specimens
from services.notify.wording.phrasebook import packaged
from services.notify.wording.rendering import About, Wording, render
from services.notify.wording.vocabulary import LOCALES, in_words

CODE, SECRET, URL = "KDR-7F3K-92Q", "kunci-rahasia", "https://lapor.example"
#: Bytes that a letter's HTML may have: larger mail is cut by some programs, and most are read on a telephone.
LARGEST = 20_000

EVENTS = [parse(path.read_bytes()) for path in sorted(GOLDEN.glob("*.json"))]
STANDING = next(each.data["ticket"] for each in EVENTS if each.name == "handoff.offered")


def messages(confidential: bool) -> Iterator[Message]:
    """Those of the golden events as they are, then those of every variant."""
    for event in EVENTS:
        if event.name in TOLD:
            ticket = {**(event.data.get("ticket") or STANDING), "reachable": True, "confidential": confidential}
            yield from audience(event.name, event.data, ticket, specimens.directory())
        elif event.name == "referral.packaged":
            message = agency_message(event.data)
            facts = {**message.facts, "package": event.data["package"]}
            yield Message(message.audience, message.recipient, message.template, facts)
    for each in specimens.specimens():
        if not confidential or each.audience in ("reporter", "agency") or each.template == CONFIDENTIAL:
            yield each


def written(message: Message, locale: str, confidential: bool = False) -> Wording:
    secret = SECRET if message.audience == "reporter" else None
    about = About(CODE, "land-certificate", confidential, URL, secret)
    return render(message.template, locale, json.loads(as_json(message.facts)), about, specimens.directory())


class Page(HTMLParser):
    """The elements, their attributes and the text of a page; an element left open is an error."""

    VOID = ("meta", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("confidential", [False, True])
def test_every_letter_has_a_sound_page_that_says_what_its_text_says(confidential: bool, locale: str) -> None:
    for message in messages(confidential):
        wording = written(message, locale, confidential)
        page = Page(wording.html)
        assert len(wording.html.encode()) < LARGEST
        assert page.named("html") == [{"lang": locale}]
        assert len(page.named("h1")) == 1
        links = [each["href"] for each in page.named("a")]
        assert _words(wording.text, *filter(None, links)) <= _words(page.text)
        assert all(each is not None and each.startswith(f"{URL}/") for each in links)
        assert {tag for tag, _ in page.tags} <= _HARMLESS
        assert not re.search(r"url\(|@import|src=", wording.html), "nothing is fetched from anywhere"
        assert "None" not in wording.text


_HARMLESS = {
    *("html", "head", "meta", "title", "style", "body", "div", "p", "h1", "br", "a", "ul", "li", "blockquote"),
    *("table", "tr", "td", "span", "strong"),
}


def _words(text: str, *without: str) -> set[str]:
    for each in without:
        text = text.replace(each, " ")
    return {word for line in text.splitlines() for word in re.findall(r"\w{2,}", line)}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_letter_says_what_happened_who_holds_it_by_when_and_what_to_do(locale: str) -> None:
    directory = specimens.directory()
    for message in messages(confidential=False):
        if message.audience == "agency" or message.template in (CONFIDENTIAL, DIGEST):
            continue
        facts: Any = json.loads(as_json(message.facts))
        text = written(message, locale).text
        assert directory.office_name(facts["holder"]) in text
        if facts["resolve_by"] and facts["status"] not in ("resolved", "closed"):
            assert in_words(datetime.fromisoformat(facts["resolve_by"]), directory.timezone, locale) in text
        assert f"{URL}/t/{CODE}" in text
        terms = packaged().language(locale).terms
        own = re.split(f"\n({terms['line-holder']}|{terms['line-last']}): ", text)[0].lower()
        assert any(each in own for each in TO_DO[locale]), f"{message.template}: nothing of TO_DO in\n{text}"


#: How a letter says what its reader can do, or that there is nothing.
TO_DO = {
    "id": (
        *("tidak perlu melakukan apa-apa", "tidak ada lagi yang perlu anda", "tidak ada yang perlu anda"),
        *(
            "mohon",
            "sampaikan",
            "tuliskan",
            "silakan",
            "simpan",
            "selesaikan",
            "tidak ada yang perlu",
            "keputusan anda",
        ),
    ),
    "en": (
        *(
            "nothing you need to do",
            "nothing left for you to do",
            "nothing for you to do",
            "please",
            "write it as a note",
        ),
        *("add a note", "keep the code", "resolve it", "needs your decision"),
    ),
}


@pytest.mark.parametrize("locale", LOCALES)
def test_of_a_confidential_report_no_line_that_shows_on_a_locked_screen_says_anything(locale: str) -> None:
    said = {
        line
        for message in messages(confidential=True)
        for wording in [written(message, locale, confidential=True)]
        for line in (wording.subject, wording.brief)
    }
    assert said == {f"[{CODE}] {'Kabar tentang laporan' if locale == 'id' else 'News of a report'}"}


@pytest.mark.parametrize("locale", LOCALES)
def test_somebodys_words_are_text_in_a_page_and_nothing_else(locale: str) -> None:
    hostile = '<img src=x onerror=alert(1)>\n<a href="https://evil.example">klik</a>\nhttps://evil.example/t/KDR'
    facts = {"office": "kelurahan-banjaran", "reason": "fixed", "words": hostile, "holder": "kelurahan-banjaran"}
    wording = written(
        Message("reporter", "reporter", "ticket-resolved-reporter", {**facts, "status": "resolved"}), locale
    )
    page = Page(wording.html)
    assert not page.named("img")
    assert all("evil" not in str(each["href"]) for each in page.named("a"))
    assert "<img src=x onerror=alert(1)>" in page.text
    assert "> https://evil.example/t/KDR" in wording.text
