"""A feed is a document as RFC 4287 wants it, whatever is in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from services.notify.feed.atom import Entry, Feed, document
from services.notify.wording.plain import clean

ATOM = "{http://www.w3.org/2005/Atom}"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
#: As wording is: without control characters.
words = st.text(st.characters(exclude_categories=("Cs", "Cn"))).map(clean)
entries = st.lists(
    st.builds(
        Entry,
        id=st.uuids().map(lambda each: each.urn),
        title=words.map(lambda text: text.replace("\n", " ")),
        text=words,
        link=st.just("https://lapor.tirtajaya.example/t/TRT-7F3K-92Q"),
        at=st.integers(0, 2**31).map(lambda each: datetime.fromtimestamp(each, UTC)),
    ),
    max_size=5,
    unique_by=lambda each: each.id,
)


def made(some: list[Entry]) -> Feed:
    return Feed("urn:uuid:0190", "Kelurahan Telaga", "Kota Tirtajaya", "id", "https://x.example/feed/lake.t", some)


def check(text: bytes) -> list[ElementTree.Element]:
    """Hold a document against the RFC (4.1.1, 4.1.2, 3.3); answers its entries."""
    root = ElementTree.fromstring(text)
    assert root.tag == f"{ATOM}feed"
    found = root.findall(f"{ATOM}entry")
    for each in (root, *found):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{name}")) == 1, name
        assert _MOMENT.fullmatch(each.findtext(f"{ATOM}updated", ""))
        assert re.match("[a-z]+:", each.findtext(f"{ATOM}id", ""))
        links = {(link.get("rel"), link.get("type"), link.get("hreflang")) for link in each.findall(f"{ATOM}link")}
        assert len(links) == len(each.findall(f"{ATOM}link"))
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    [itself] = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert (itself.get("href") or "").startswith("https://")
    ids = [each.findtext(f"{ATOM}id") for each in (root, *found)]
    assert len(set(ids)) == len(ids)
    for each in found:
        assert [link.get("rel") for link in each.findall(f"{ATOM}link")] == ["alternate"]
        [content] = each.findall(f"{ATOM}content")
        assert (content.get("type"), list(content)) == ("html", [])
    return found


@given(entries)
def test_whatever_is_in_it(some: list[Entry]) -> None:
    feed = made(some)
    found = check(document(feed))
    assert [each.findtext(f"{ATOM}id") for each in found] == [each.id for each in some]
    assert document(made(some)) == document(feed)


def test_of_an_empty_one_too() -> None:
    assert check(document(made([]))) == []
    assert made([]).updated == datetime.fromtimestamp(0, UTC)


def test_words_are_words_and_no_markup_in_xml_nor_in_html() -> None:
    at = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    text = "Bukan <b>kami</b> & mereka\n> <script>\n\nTerima kasih"
    some = [Entry(f"urn:uuid:{number}", "a < b", text, "https://x", at + timedelta(number)) for number in (2, 1)]
    [entry, _] = check(document(made(some)))
    assert entry.findtext(f"{ATOM}title") == "a < b"
    html = "<p>Bukan &lt;b&gt;kami&lt;/b&gt; &amp; mereka<br>&gt; &lt;script&gt;</p><p>Terima kasih</p>"
    assert entry.findtext(f"{ATOM}content") == html
    assert made(some).updated == some[0].at
