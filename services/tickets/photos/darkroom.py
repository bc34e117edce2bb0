"""Photos are made anew in a process of their own, one at a time: what it costs is bounded, and what may go wrong."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import structlog

from estafet.web.multipart import Upload
from services.tickets.photos import developing, rule
from services.tickets.photos.rule import Fault, Unfit

_log = structlog.get_logger(__name__)

#: Always the same: whatever came, JPEG is kept.
MEDIA_TYPE = "image/jpeg"
_PROGRAM = (sys.executable, "-I", str(Path(developing.__file__)))
#: Seconds on the clock. Its own bound is that of the processor: one that takes longer than this has too little of it.
_PATIENCE = 25
#: Photos that wait for their turn. Whoever comes with more is told to come again.
_WAITING = 24


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept: JPEG, upright, nothing in it but what is seen. Sizes in pixels."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class Darkroom:
    """Where photos are made, one after the other."""

    def __init__(self, waiting: int = _WAITING, program: Sequence[str] = _PROGRAM) -> None:
        self._turn = threading.Lock()
        self._waiting = 0
        self._most = waiting
        self._program = program

    def develop(self, uploads: Sequence[Upload]) -> tuple[Photo, ...]:
        """The photos of a form, as they are kept. It takes a few tenths of a second each, in which others are served.

        Raises:
            Unfit: one of them is not taken, or too many wait already.
        """
        contents = rule.fit(uploads)
        if not contents:
            return ()
        with self._places(len(contents)):
            return tuple(self._develop(content, number) for number, content in enumerate(contents, 1))

    @contextmanager
    def _places(self, count: int) -> Iterator[None]:
        if self._waiting + count > self._most:
            raise Unfit(Fault.BUSY)
        self._waiting += count
        try:
            yield
        finally:
            self._waiting -= count

    def _develop(self, content: bytes, number: int) -> Photo:
        with self._turn, TemporaryFile() as given, TemporaryFile() as made:
            given.write(content)
            given.seek(0)
            ended = self._run(given, made)
            if ended is not None:
                raise Unfit(ended, number if ended is Fault.BROKEN else None)
            made.seek(0)
            answer = _read(made)
        if isinstance(answer, Fault):
            raise Unfit(answer, number)
        return answer

    def _run(self, given: IO[bytes], made: IO[bytes]) -> Fault | None:
        """Why nothing was made; None: it ended by itself, and well."""
        process = subprocess.Popen(  # noqa: S603 - our own program
            self._program, stdin=given, stdout=made, stderr=subprocess.DEVNULL, env={}, cwd="/"
        )
        try:
            code: int | str = process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            code = "late"
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code == 0:
            return None
        _log.warning("photo not made", ended=code)
        return Fault.BUSY if code == "late" else Fault.BROKEN


def _read(made: IO[bytes]) -> Photo | Fault:
    """What the process says, which is not believed more than the photo it read."""
    try:
        said = json.loads(made.readline(200))
        if "fault" in said:
            return Fault(said["fault"])
        photo, thumbnail = (made.read(int(size)) for size in said["sizes"])
        width, height = int(said["width"]), int(said["height"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return Fault.BROKEN
    longest = developing.ATTEMPTS[0][0]
    bounded = 0 < width <= longest and 0 < height <= longest and len(photo) + len(thumbnail) <= 2 * developing.MOST
    jpeg = all(developing.kind_of(each) == "JPEG" for each in (photo, thumbnail))
    return Photo(photo, thumbnail, width, height) if bounded and jpeg else Fault.BROKEN


_darkroom = Darkroom()


def develop(uploads: Sequence[Upload]) -> tuple[Photo, ...]:
    """By this process's only darkroom: see :meth:`Darkroom.develop`."""
    return _darkroom.develop(uploads)
