"""What pages load: our own files alone, under names that change with what is in them, so that browsers keep them.

The stylesheet stands in the page: on a slow line, asking for it would take as long again as the page itself.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from werkzeug.wrappers import Request, Response

from estafet.web import Problem

BASE = "/static"

#: The one stylesheet of a page, by the kind of page: what it is put together from.
SHEETS = {
    "citizen": ("base", "report", "follow", "relay", "photos"),
    "rate": ("base", "rate"),
    "board": ("base", "board"),
    "desk": ("base", "follow", "relay", "frame", "desk", "photos"),
    "desk/lists": ("base", "frame", "lists"),
    "desk/entry": ("base", "frame", "entry", "photos"),
    "coordinator": ("base", "follow", "frame", "coordinator", "convened", "photos"),
    "coordinator/sums": ("base", "frame", "coordinator", "sums"),
}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,]) ?")
_HERE = Path(__file__).parent
_FOLDER = _HERE / "static"
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}


@dataclass(frozen=True, slots=True)
class File:
    """One file, plain and compressed once for all."""

    name: str
    media_type: str
    plain: bytes
    compressed: bytes


@cache
def _files() -> dict[str, File]:
    """By the name that stands in pages, such as ``pages.js``."""
    return {path.name: _file(path) for path in sorted(_FOLDER.iterdir())}


def _file(path: Path) -> File:
    plain = path.read_bytes()
    named = f"{path.stem}.{hashlib.sha256(plain).hexdigest()[:12]}{path.suffix}"
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return File(named, media_type, plain, gzip.compress(plain, mtime=0))


@cache
def style(sheet: str) -> str:
    """One of :data:`SHEETS`, as it stands in pages: without what only its writers read."""
    written = "".join((_HERE / "style" / f"{part}.css").read_text() for part in SHEETS[sheet])
    return _AROUND.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", written))).strip()


def address(name: str) -> str:
    """Where a page finds a file."""
    return f"{BASE}/{_files()[name].name}"


def respond(name: str, request: Request) -> Response:
    """A file by the name that has its hash.

    Raises:
        Problem: ``not-found``.
    """
    found = next((each for each in _files().values() if each.name == name), None)
    if found is None:
        raise Problem("not-found", "There is no such file.")
    headers = dict(_KEPT)
    body = found.plain
    if request.accept_encodings.best_match(["gzip"]):
        headers["Content-Encoding"], body = "gzip", found.compressed
    return Response(body, headers=headers, content_type=f"{found.media_type}; charset=utf-8")
