"""Forms with files (``multipart/form-data``, RFC 7578), read as they come: what is too large is passed over, not kept.

So a form is answered with what was typed into it, however large the file was that came along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from marshmallow import ValidationError, fields
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData
from werkzeug.wrappers import Request

from estafet.web import bodies
from estafet.web.problems import Problem

MEDIA_TYPE = "multipart/form-data"
#: Bytes of all fields together: as much as a body without files may have.
_FIELDS = bodies.MAX_BODY
_PARTS = 100
_CHUNK = 64 * 1024
_LONGEST_BOUNDARY = 70


@dataclass(frozen=True, slots=True)
class Files:
    """The files that an endpoint takes with a form.

    Attributes:
        most: how many. More are counted and passed over.
        size: bytes of each. A larger one is passed over.
    """

    most: int
    size: int

    @property
    def body(self) -> int:
        """Bytes of a whole form, beyond which it is not read to its end."""
        return 3 * self.most * self.size


@dataclass(slots=True)
class Upload:
    """A file as it came, whatever it is called. ``content`` is None: it was passed over."""

    content: bytes | None
    #: The name of the part.
    field: str = ""


class FileField(fields.Field):  # type: ignore[type-arg]
    """A file of a form, in a schema."""

    def __init__(self) -> None:
        super().__init__(metadata={"type": "string", "format": "binary"})

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **options: Any) -> Upload:
        if not isinstance(value, Upload):
            raise ValidationError(f"Not a file: send it as a part of {MEDIA_TYPE}, with a filename.")
        return value


@dataclass(slots=True)
class Parts:
    """A form that was read. ``fields`` as they came, in UTF-8 as it may be."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    files: list[Upload] = field(default_factory=list)


def read(request: Request, files: Files, take: Callable[[int], None]) -> Parts:
    """The parts of a form. ``take`` is told how many bytes more are kept, and may refuse.

    Raises:
        Problem: ``malformed``, ``too-large``; what ``take`` raises.
    """
    boundary = request.mimetype_params.get("boundary", "")
    if not (boundary.isascii() and 0 < len(boundary) <= _LONGEST_BOUNDARY):
        raise _malformed()
    if (request.content_length or 0) > files.body:
        bodies.drop(request, files.body)
        raise _too_large(files)
    try:
        return _Reading(files, take).read(_events(request, boundary.encode(), files))
    except Problem as problem:
        if problem.kind.slug != "malformed":
            bodies.drop(request, files.body)
        raise
    except (ValueError, OSError, AttributeError) as error:  # the last: a part without a line end where one must be
        raise _malformed() from error
    except RequestEntityTooLarge as error:
        bodies.drop(request, files.body)
        raise _too_large(files) from error


def _events(request: Request, boundary: bytes, files: Files) -> Iterator[Event]:
    decoder = MultipartDecoder(boundary, max_form_memory_size=2 * _FIELDS, max_parts=_PARTS)
    came = 0
    for chunk in _chunks(request.environ["wsgi.input"], boundary):
        came += len(chunk)
        if came > files.body:
            raise _too_large(files)
        decoder.receive_data(chunk or None)
        while not isinstance(event := decoder.next_event(), NeedData):
            yield event
            if isinstance(event, Epilogue):
                return
        time.sleep(0)  # a fast sender leaves time for others too


def _chunks(source: IO[bytes], boundary: bytes) -> Iterator[bytes]:
    """The body, and nothing at its end. No piece ends in the middle of a line end, or right behind a boundary, where
    werkzeug's decoder would take half of a line end for part of what was sent.
    """
    most, end = len(boundary) + 4, b""
    while chunk := source.read(_CHUNK):
        end = (end + chunk)[-most:]
        for _ in range(most):
            if not (end.endswith(b"\r") or boundary in end):
                break
            more = source.read(1)
            chunk, end = chunk + more, (end + more)[-most:]
        yield chunk
    yield b""


class _Reading:
    """The parts as far as they have come."""

    def __init__(self, files: Files, take: Callable[[int], None]) -> None:
        self._files, self._take = files, take
        self._parts = Parts()
        self._left = _FIELDS

    def read(self, events: Iterator[Event]) -> Parts:
        for event in events:
            if isinstance(event, Field):
                self._parts.fields.append((event.name or "", self._field(events)))
            elif isinstance(event, File):
                self._file(event, events)
        return self._parts

    def _field(self, events: Iterator[Event]) -> bytes:
        text = bytearray()
        for data in _data(events):
            self._left -= len(data)
            if self._left < 0:
                raise Problem("too-large", f"At most {_FIELDS // 1024} KiB of text are read. Shorten it.")
            text += data
        return bytes(text)

    def _file(self, file: File, events: Iterator[Event]) -> None:
        """A field for files that was left empty comes as one file without a name or content."""
        content: bytearray | None = bytearray()
        if len(self._parts.files) >= self._files.most:
            content = None
        for data in _data(events):
            if content is None:
                continue
            if len(content) + len(data) > self._files.size:
                content = None
                continue
            self._take(len(data))
            content += data
        if file.filename or content is None or content:
            self._parts.files.append(Upload(None if content is None else bytes(content), file.name or ""))


def _data(events: Iterator[Event]) -> Iterator[bytes]:
    for event in events:
        if not isinstance(event, Data):
            raise ValueError("a part broke off")
        yield event.data
        if not event.more_data:
            return
    raise ValueError("a part broke off")


def _malformed() -> Problem:
    return Problem("malformed", f"The form cannot be read as {MEDIA_TYPE}.", headers={"Connection": "close"})


def _too_large(files: Files) -> Problem:
    return Problem("too-large", f"At most {files.body // 1024 // 1024} MB are read. Send fewer files.")
