"""The key that a service derives secrets and signs links with."""

from __future__ import annotations

import base64
import contextlib
import os
import tempfile
from pathlib import Path

from estafet.settings import Settings

_FILE = "secret-key"


def server_key(settings: Settings) -> bytes:
    """The key: of the settings, else of the data folder, where the first process to need one makes it."""
    if settings.secret_key:
        return settings.secret_key.encode()
    return _kept(settings.data / _FILE)


def known_key(settings: Settings) -> bytes | None:
    """The key as the services have it; None: it is not here, and is made for nobody who only asks."""
    return server_key(settings) if settings.secret_key or (settings.data / _FILE).exists() else None


def _kept(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # for the owner alone: mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(32)))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # whole or not at all: another process never reads half a key
        os.unlink(draft)
    return path.read_bytes()
