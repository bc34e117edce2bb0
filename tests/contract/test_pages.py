"""The pages stay true where a machine can tell: what they name exists, what there is they name, and they are short."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import click
import pytest

from estafet.cli.main import group
from estafet.events.documents import ROOT
from estafet.settings import from_environment
from services.tickets import codes
from services.tickets.access.sight import MISS
from services.tickets.reporters import secrets

PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "examples/README.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
DECISIONS = ROOT / "docs/decisions"
#: The folders of the project, as a checkout has them.
_TOP = r"\.ci|bench|city|deploy|docs|estafet|examples|requirements|services|tests"
_PATH = re.compile(rf"(?<![\w./:<-])(?:{_TOP})/(?:[\w./*{{}},-]*[\w*}}/])?")
_CHOICE = re.compile(r"{([^{}]*)}")
_QUOTED = re.compile("`([^`]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)")
#: Made by running something, and in no checkout.
_MADE = {"bench/results.json"}


def paths_of(text: str) -> set[str]:
    """What looks like a path of the project, with ``{a,b}`` as the shell would have it."""
    found = set()
    for path in _PATH.findall(text):
        parts = _CHOICE.split(path)
        ways = [part.split(",") if at % 2 else [part] for at, part in enumerate(parts)]
        found |= {"".join(way) for way in product(*ways)}
    return found - _MADE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    gone = sorted(path for path in paths_of(page.read_text()) if not any(ROOT.glob(path.rstrip("/"))))
    assert not gone, f"{page.relative_to(ROOT)} names what is not there"


def test_a_path_that_is_gone_is_found_and_what_only_looks_like_one_is_not() -> None:
    text = "`services/{tickets,gone}/store.py`, docs/*.md; https://docs.example/x, urn:estafet/y, /estafet/tickets"
    assert paths_of(text) == {"services/tickets/store.py", "services/gone/store.py", "docs/*.md"}


#: A command stands alone in its span or line, or behind what it is run by, such as docker-compose exec.
_COMMAND = re.compile(r"(?:^|(?<!-p)[ |\"])(?:\.venv/bin/)?estafet ([a-z][^;|#,()]*)")


def commands_of(text: str) -> Iterator[list[str]]:
    """The words behind ``estafet``, in code; what may be left out is there, and what may be repeated once."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S) + re.findall(r"^ {4}.*\n", text, re.M)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    spans = re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    for code in (*lines, *(" ".join(span.split()) for span in spans)):
        for command in _COMMAND.findall(code.replace("\\|", " ")):
            plain = re.sub(r"  .*|[][]|\.\.\.|…", "", command.replace('"..."', "WHY"))
            words = shlex.split(plain if plain.count('"') % 2 == 0 else plain.rstrip('" '))
            if words and not words[0].endswith((":", ".")):
                yield words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_names_can_be_given(page: Path) -> None:
    for words in commands_of(page.read_text()):
        command: click.Command | None = group
        context, left = click.Context(group), list(words)
        while left and isinstance(command, click.Group):
            command = command.get_command(context, left.pop(0))
        assert command is not None, words
        if isinstance(command, click.Group):
            continue
        _, surplus, _ = command.make_parser(click.Context(command)).parse_args(left)
        assert not surplus, words


def test_every_command_is_named_on_a_page() -> None:
    told = {words[0] for page in PAGES for words in commands_of(page.read_text())}
    assert set(group.list_commands(click.Context(group))) - told == set()


def test_a_command_that_cannot_be_given_is_found() -> None:
    text = "Say `estafet desk convened`, or\n\n    docker-compose exec tickets estafet token lost --all\n"
    assert list(commands_of(text)) == [["token", "lost", "--all"], ["desk", "convened"]]


def test_every_setting_is_told_where_dev_help_sends_people() -> None:
    page = (ROOT / "docs/deploying.md").read_text()
    source = "".join((ROOT / f"estafet/{each}.py").read_text() for each in ("settings", "cli/connection"))
    names = set(re.findall(r"\b(?:ESTAFET|OTEL)_[A-Z_]*[A-Z]\b", source))
    assert "ESTAFET_HTTP_ADDRESS" in names
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_picture_is_shown_and_small() -> None:
    shown = {(page.parent / link).resolve() for page in PAGES for link in _LINK.findall(page.read_text())}
    there = [path for path in (ROOT / "docs/pictures").rglob("*") if path.is_file()]
    assert not [path.name for path in there if path not in shown], "shown on no page"
    sizes = {path.name: path.stat().st_size for path in there}
    assert not {name: size for name, size in sizes.items() if size >= 60_000}
    assert sum(size for path in there if path.parent.name == "pages" for size in [sizes[path.name]]) < 1_500_000


def test_the_tour_has_a_line_for_every_folder() -> None:
    told = {path.rstrip("/") for path in paths_of((ROOT / "docs/tour.md").read_text())}
    tops = [path for path in ROOT.iterdir() if re.fullmatch(_TOP, path.name)]
    below = [path for top in (*tops, *(ROOT / "services").iterdir()) if top.is_dir() for path in top.iterdir()]
    made = ("__pycache__", "node_modules")
    there = {path.relative_to(ROOT).as_posix() for path in (*tops, *below) if path.is_dir() and path.name not in made}
    assert not sorted(there - told), "docs/tour.md has a line for each"


def test_every_function_that_a_walk_names_is_in_a_file_beside_it() -> None:
    lines = (ROOT / "docs/walks.md").read_text().splitlines()
    rows = [line.split("|")[-3:-1] for line in lines if line.endswith("` |")]
    assert len(rows) > 40
    for named, where in rows:
        code = "".join((ROOT / path).read_text() for path in _QUOTED.findall(where))
        lost = [name for name in _QUOTED.findall(named) if not re.search(rf"(?:def|class) {name}\b", code)]
        assert not lost, where


def test_every_decision_is_listed_once_and_fits_a_page() -> None:
    listed = re.findall(r"\]\(([a-z0-9-]+\.md)\)", (DECISIONS / "README.md").read_text())
    there = {path.name for path in DECISIONS.glob("*.md")} - {"README.md"}
    assert sorted(listed) == sorted(there)
    for name in there:
        text = (DECISIONS / name).read_text()
        assert [each for each in text.splitlines() if each.startswith("## ")] == [
            "## Context",
            "## Decision",
            "## Consequence",
        ], name
        assert len(text.splitlines()) <= 70, f"{name}: one page, what is more belongs elsewhere"


def test_the_odds_that_the_page_on_security_gives_are_those_of_the_code() -> None:
    text = " ".join((ROOT / "SECURITY.md").read_text().split())
    requests, _, window = from_environment({}).limit_address.partition("/")
    assert window == "minute"
    assert f"{len(codes.ALPHABET) ** codes._RANDOM - len(codes.ALPHABET) ** (codes._RANDOM - 3):,} codes" in text
    assert f"A miss counts as {1 + MISS} requests, so an address that has {requests} requests a minute" in text
    assert f"guesses {int(requests) // (1 + MISS)} times a minute" in text
    assert f"{secrets._BYTES * 8} bits, 2^{secrets._BYTES * 8}" in text
    assert f"an address tries {int(requests) // (4 + MISS)} a minute" in text


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_on_from_somewhere(page: Path) -> None:
    """Whoever reads a page finds it from another."""
    others = [each for each in PAGES if each != page]
    links = {(each.parent / link).resolve() for each in others for link in _LINK.findall(each.read_text())}
    assert page in links
