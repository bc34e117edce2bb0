"""pyproject.toml, the locks, docs/dependencies.md and what the code imports say the same."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
OWN = {"estafet", "services", "tests", "bench"}


def _names(wanted: Iterable[Any]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", each)[0] for each in wanted if isinstance(each, str)}


#: What is asked for, by group; what a group includes of another is not repeated.
LIGHT = _names(PROJECT["project"]["dependencies"])
SERVE = _names(PROJECT["project"]["optional-dependencies"]["serve"])
GROUPS = {name: _names(wanted) for name, wanted in PROJECT["dependency-groups"].items()}
#: Each lock holds what those before it hold.
LOCKS = {"serve": LIGHT | SERVE | GROUPS["build"]}
LOCKS["dev"] = LOCKS["serve"] | GROUPS["dev"]
LOCKS["bench"] = LOCKS["dev"] | GROUPS["bench"]
#: The name of a module → the packages that bring it.
BRINGING = packages_distributions()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_carry_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-|--)(i|f|index-url|extra-index-url|find-links)\b", text, re.M)
    pinned = re.findall(r"^[A-Za-z0-9][^\n]*==[^\n]*\n\s+--hash=sha256:", text, re.M)
    assert len(pinned) == len(re.findall(r"^[A-Za-z0-9]", text, re.M))


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locks_hold_what_pyproject_asks_for(lock: str) -> None:
    locked = set(
        re.findall(r"^([a-z0-9-]+)(?:\[[^]]+\])?==", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.M)
    )
    missing = {name.lower() for name in LOCKS[lock]} - locked
    assert not missing, "run ./dev lock"


@pytest.mark.parametrize(
    ("heading", "asked"),
    [
        ("`pip install estafet`:", LIGHT),
        ("`pip install estafet[serve]`:", SERVE),
        ("Development", GROUPS["build"] | GROUPS["dev"]),
        ("Benchmark", GROUPS["bench"]),
    ],
)
def test_every_dependency_says_why_it_is_here_and_none_that_is_gone(heading: str, asked: set[str]) -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    (section,) = (each for each in page.split("\n## ") if each.startswith(heading))
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", section, re.M)
    assert sorted(name for row in rows[1:] for name in row.split(", ")) == sorted(asked)


def test_each_is_asked_for_once() -> None:
    every = [name for group in (LIGHT, SERVE, *GROUPS.values()) for name in group]
    assert len(every) == len(set(every))


def _imported(*folders: str) -> dict[str, str]:
    """Packages that are not ours and not Python's → a file that imports it, however late."""
    found: dict[str, str] = {}
    for file in (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                found.setdefault(name.partition(".")[0], str(file.relative_to(ROOT)))
    return {name: file for name, file in found.items() if name not in sys.stdlib_module_names | OWN}


def _asked_as(name: str, asked: set[str]) -> set[str]:
    """Which of the packages asked for brings the module of this name: several share the name ``opentelemetry``."""
    bringing = {_plain(each) for each in BRINGING.get(name, ())}
    return {each for each in asked if _plain(each) in bringing}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folders", "asked"),
    [
        (("estafet/client", "estafet/cli"), LIGHT),
        (("estafet", "services"), LIGHT | SERVE),
    ],
)
def test_what_is_imported_is_asked_for(folders: tuple[str, ...], asked: set[str]) -> None:
    """By us: what another package happens to bring may be gone with its next release."""
    strays = {name: file for name, file in _imported(*folders).items() if not _asked_as(name, asked)}
    assert not strays


def test_what_is_asked_for_is_imported() -> None:
    light = {each for name in _imported("estafet") for each in _asked_as(name, LIGHT)}
    assert LIGHT - light == set(), "the light install does without it"
    every = {each for name in _imported("estafet", "services") for each in _asked_as(name, SERVE)}
    assert SERVE - every == set(), "nobody imports it"
