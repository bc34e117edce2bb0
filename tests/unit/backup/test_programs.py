"""The newest of PostgreSQL's programs is found, and one older than the server is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from estafet.backup import programs
from estafet.backup.errors import Unfit


def install(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    program = folder / "pg_dump"
    program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version} (Debian {version}-1)'\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Version 16.2 on the path, 15.10 and 17.0 where Debian keeps them."""
    on_path = install(tmp_path / "on-path", "16.2")
    for version in ("15.10", "17.0"):
        install(tmp_path / version.partition(".")[0] / "bin", version)
    monkeypatch.setenv("PATH", f"{on_path.parent}:/usr/bin:/bin")
    monkeypatch.setattr(programs, "INSTALLED", tmp_path)
    return tmp_path


def test_the_newest_is_taken(installed: Path) -> None:
    assert programs.newest("pg_dump", 15) == str(installed / "17" / "bin" / "pg_dump")


def test_one_older_than_the_server_is_refused(installed: Path) -> None:
    with pytest.raises(Unfit, match=r"server is PostgreSQL 18, and .* is of version 17: it must not be older"):
        programs.newest("pg_dump", 18)


def test_none_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "INSTALLED", tmp_path)
    with pytest.raises(Unfit, match="install PostgreSQL's client programs, version 15 or later"):
        programs.newest("pg_dump", 15)
