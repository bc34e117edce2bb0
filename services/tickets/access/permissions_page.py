"""The tables of ``docs/permissions.md``, written from the permissions.

``python -m services.tickets.access.permissions_page`` writes them anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from estafet.web import PROBLEMS
from services.tickets.access.permissions import PERSONS, allowed, status_of
from services.tickets.access.rights import RIGHTS, Right

PAGE = Path("docs/permissions.md")
BEGIN, END = "<!-- permissions: begin, generated -->", "<!-- permissions: end -->"


def with_tables(page: str) -> str:
    """The page with the tables between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


def tables() -> str:
    """Both tables, as Markdown: of any report, and of what is otherwise on a confidential one."""
    otherwise = [
        each for each in RIGHTS if any(allowed(each, person) != allowed(each, person, True) for person in PERSONS)
    ]
    return "\n".join(
        [
            *_table(RIGHTS, confidential=False),
            "",
            "These rows are different on a confidential report; whoever may not see that it exists is answered 404:",
            "",
            *_table(otherwise, confidential=True),
            "",
        ]
    )


def _table(rights: tuple[Right, ...] | list[Right], confidential: bool) -> Iterator[str]:
    names = (person.name for person in PERSONS)
    yield f"| | {' | '.join(names)} | else | |"
    yield "|---|" + ":-:|" * len(PERSONS) + "---|---|"
    for right in rights:
        cells = ["✓" if allowed(right, person, confidential) else "" for person in PERSONS]
        refused = f"left out: `{right.part}`" if right.part else _refusal(right, confidential)
        yield f"| {right.name} | {' | '.join(cells)} | {'' if all(cells) else refused} | `{right.endpoint}` |"


def _refusal(right: Right, confidential: bool) -> str:
    if right.page or right.desk:
        return "a page: 404" if confidential else f"a page: {status_of(right.refusal)}"
    return _answer("not-found" if confidential else right.refusal)


def _answer(slug: str) -> str:
    return f"{PROBLEMS[slug].status} `{slug}`"


if __name__ == "__main__":
    file = Path(__file__).resolve().parents[3] / PAGE
    file.write_text(with_tables(file.read_text()))
    sys.stdout.write(f"{PAGE} written\n")
