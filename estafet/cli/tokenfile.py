"""A token for every office, kept in a file only its owner may read: for the demo, the replay, and whoever tries it out.

A real city issues each office its own (``estafet token issue``) and keeps no such file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from estafet.cli.citydata import read_city
from estafet.cli.databases import database_of
from estafet.cli.failure import Failure, cannot, needs_serve
from estafet.settings import Settings

#: The key of the token that may read everything and do nothing.
AUDITOR = "auditor"
FILE = "demo-tokens.json"

#: Which role an office of each kind acts in; other kinds have no desk of their own.
_ROLES = {"kecamatan": "coordinator", "coordinator": "coordinator", "external": None}


def read(file: Path) -> dict[str, str]:
    """The tokens in ``file``, by office."""
    try:
        found = json.loads(file.read_text())
    except OSError as error:
        raise Failure(f"Cannot read the tokens in {file}: {error.strerror}.") from error
    except ValueError as error:
        raise Failure(f"{file} is not a file of tokens (a JSON object, office to token).") from error
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise Failure(f"{file} is not a file of tokens (a JSON object, office to token).")
    return found


def issue(settings: Settings, file: Path, offices: Mapping[str, str], label: str) -> dict[str, str]:
    """Issue what ``file`` lacks of a token for each office (code to role) and for an auditor, and keep it there."""
    have = read(file) if file.exists() else {}
    missing = {code: role for code, role in {**offices, AUDITOR: "auditor"}.items() if code not in have}
    if not missing:
        return have
    issuing = needs_serve("services.tickets.access.tokens")
    with database_of(settings, "tickets").begin() as connection, cannot("issue a token"):
        now = datetime.now(UTC)
        for code, role in missing.items():
            office = None if code == AUDITOR else code
            have[code], _ = issuing.issue(connection, role, office, label, now)
        # Written before the commit: a token nobody knows is worse than one that does not work yet.
        _write(file, have)
    return have


def for_city(settings: Settings, folder: Path) -> Path:
    """Tokens for all offices of the city in ``folder``; where they are."""
    file = settings.data / FILE
    issue(settings, file, roles(read_city(folder)), "demo")
    return file


def roles(kinds: Mapping[str, str]) -> dict[str, str]:
    """The role each office acts in, from its kind; outside agencies have no desk."""
    found = {code: _ROLES.get(kind, "officer") for code, kind in kinds.items()}
    return {code: role for code, role in found.items() if role is not None}


def _write(file: Path, tokens: Mapping[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = file.with_suffix(".new")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(dict(tokens), out, indent=1)
    written.replace(file)
