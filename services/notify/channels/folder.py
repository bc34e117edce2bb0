"""The channel without a mail server: each letter becomes a file that any mail program opens."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.errors import MessageError
from pathlib import Path

from services.notify.channels.channel import SENT, Fate, Letter, Outcome, Post
from services.notify.channels.mail import compose

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Folder:
    """Writes ``<time>-<code>-<recipient>.<end of the delivery's id>.eml``.

    A letter written again has the same name and replaces itself: here even a crash leaves one copy.
    """

    path: Path
    sender: str

    @property
    def name(self) -> str:
        return "folder"

    @property
    def few(self) -> int:
        return 100  # a letter written again replaces itself

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        """Unfinished ones too. Those there are none of any more are forgotten already."""
        for id in letters:
            for file in self.path.glob(f"*-{_UNSAFE.sub('_', ticket)}-*.{_end(id)}.*"):
                file.unlink(missing_ok=True)

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        try:
            content = compose(letter, self.sender).as_bytes()
        except (ValueError, MessageError):
            return Outcome(Fate.FAILED, "bad-address")
        target = self.path / file_name(letter)
        unfinished = target.with_suffix(".part")
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished.write_bytes(content)
            os.replace(unfinished, target)
        except OSError as error:
            return Outcome(Fate.AWAY, f"folder-{type(error).__name__.lower()}")
        return SENT


def file_name(letter: Letter) -> str:
    """Sorted by time; made of safe characters only, whatever the code and the recipient are."""
    time = letter.written_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    parts = [_UNSAFE.sub("_", part)[:64] for part in (time, letter.ticket, letter.recipient)]
    return f"{'-'.join(parts)}.{_end(letter.id)}.eml"


def _end(id: str) -> str:
    return _UNSAFE.sub("_", id)[-8:]
