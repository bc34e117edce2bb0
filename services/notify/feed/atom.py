"""An Atom feed (RFC 4287) as a document. Rules alone: what is in it is others' work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from xml.etree import ElementTree

MEDIA_TYPE = "application/atom+xml"

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Entry:
    """``id`` is an IRI, the same for ever; ``text`` has paragraphs, parted by empty lines."""

    id: str
    title: str
    text: str
    link: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """``address`` is where it is read. ``entries``: the newest first."""

    id: str
    title: str
    author: str
    language: str
    address: str = field(repr=False)
    entries: Sequence[Entry] = ()

    @property
    def updated(self) -> datetime:
        """When there was last something new; of an empty one, the beginning of time."""
        return max((each.at for each in self.entries), default=datetime.fromtimestamp(0, UTC))


def document(feed: Feed) -> bytes:
    """The feed as UTF-8. The same feed is the same bytes."""
    root = ElementTree.Element("feed", {"xmlns": _ATOM, _LANGUAGE: feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _moment(feed.updated))
    _add(ElementTree.SubElement(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type=MEDIA_TYPE, href=feed.address)
    for each in feed.entries:
        entry = ElementTree.SubElement(root, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", each.title)
        _add(entry, "updated", _moment(each.at))
        _add(entry, "published", _moment(each.at))
        _add(entry, "link", rel="alternate", type="text/html", href=each.link)
        _add(entry, "content", _paragraphs(each.text), type="html")
    text: bytes = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    return text


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _paragraphs(text: str) -> str:
    parts = (escape(part.strip(), quote=False).replace("\n", "<br>") for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts if part)
