"""The manifest finds every change of every file, and leads nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from estafet.backup import manifest, taking
from estafet.backup.errors import Unfit
from estafet.backup.manifest import Kept, Manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    services = {}
    for service in ("tickets", "routing"):
        file = manifest.create(tmp_path / f"{service}.sqlite")
        file.write_text(f"what {service} knows")
        services[service] = Kept(file.name, manifest.sha256(file), file.stat().st_size, "0006", {"inbox": 3})
    manifest.write(tmp_path, Manifest("sqlite", datetime(2026, 5, 4, tzinfo=UTC), "1.0", services))
    return tmp_path


def test_what_was_written_is_read(folder: Path) -> None:
    made = taking.verify(folder)
    assert (made.form, made.moment, made.version) == ("sqlite", datetime(2026, 5, 4, tzinfo=UTC), "1.0")
    assert made.services["tickets"].counts == {"inbox": 3}


def test_nobody_else_may_read_any_file(folder: Path) -> None:
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda file: file.unlink(), "tickets.sqlite is missing"),
        (lambda file: file.write_text("less"), "tickets.sqlite has 4 bytes instead of 18"),
        (lambda file: file.write_text("What tickets knows"), "tickets.sqlite was changed"),
    ],
)
def test_a_file_that_is_not_as_written_is_named(folder: Path, harm: Callable[[Path], Any], said: str) -> None:
    harm(folder / "tickets.sqlite")
    with pytest.raises(Unfit, match=said):
        taking.verify(folder)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "not a manifest that this version can read"),
        ({"services": {"tickets": {}}}, "not a manifest that this version can read"),
        ({"services": []}, "not a manifest that this version can read"),
        ({"moment": "yesterday"}, "not a manifest that this version can read"),
    ],
)
def test_a_manifest_of_another_form_is_refused(folder: Path, change: dict[str, Any], said: str) -> None:
    document = json.loads((folder / manifest.FILE).read_text())
    (folder / manifest.FILE).write_text(json.dumps(document | change))
    with pytest.raises(Unfit, match=said):
        taking.verify(folder)


@pytest.mark.parametrize("name", ["../tickets.sqlite", "/etc/passwd", "a/b"])
def test_a_manifest_cannot_name_a_file_elsewhere(folder: Path, name: str) -> None:
    document = json.loads((folder / manifest.FILE).read_text())
    document["services"]["tickets"]["file"] = name
    (folder / manifest.FILE).write_text(json.dumps(document))
    with pytest.raises(Unfit, match="not a manifest"):
        taking.verify(folder)


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]"])
def test_a_folder_without_a_manifest_is_no_backup(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / manifest.FILE).write_bytes(content)
    with pytest.raises(Unfit, match=str(tmp_path)):
        taking.verify(tmp_path)
