"""The ladder of coordinators has one top, no circle, and a front desk on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from services.routing.city.error import Fault
from services.routing.city.model import Office

_FILE = "offices.yaml"


def ladder_faults(offices: Sequence[Office], known: Callable[[str], bool]) -> Iterator[Fault]:
    """What is wrong with who stands above whom. ``known`` also knows offices that are at fault elsewhere."""
    by_code = {office.code: office for office in offices}
    for office in offices:
        yield from _parent_faults(office, by_code, known)
    yield from _circles(by_code)
    yield from _tops(offices)
    desks = [office.code for office in offices if office.kind == "front-desk"]
    if not desks:
        yield Fault(_FILE, "", "kind", "there is no front-desk: every report begins at one")
    for extra in desks[1:]:
        yield Fault(_FILE, extra, "kind", f"there is one front-desk alone, and {desks[0]} is it")


def _parent_faults(office: Office, by_code: dict[str, Office], known: Callable[[str], bool]) -> Iterator[Fault]:
    if office.parent is None:
        return
    if office.is_external:
        yield Fault(_FILE, office.code, "parent", "an outside agency is below nobody of the city")
    parent = by_code.get(office.parent)
    if not known(office.parent):
        yield Fault(_FILE, office.code, "parent", f"{office.parent!r} is not in offices.yaml")
    elif parent is not None and not parent.can_coordinate:
        yield Fault(_FILE, office.code, "parent", f"{office.parent!r} is a {parent.kind}, which decides for nobody")


def _circles(by_code: dict[str, Office]) -> Iterator[Fault]:
    clear: set[str] = set()
    for start in by_code:
        path: list[str] = []
        code: str | None = start
        while code in by_code and code not in clear and code not in path:
            path.append(code)
            code = by_code[code].parent
        if code in path:
            circle = path[path.index(code) :]
            yield Fault(_FILE, circle[0], "parent", f"the ladder goes in a circle: {' -> '.join([*circle, circle[0]])}")
        clear.update(path)


def _tops(offices: Sequence[Office]) -> Iterator[Fault]:
    tops = [office for office in offices if office.parent is None and not office.is_external]
    if not tops:
        yield Fault(_FILE, "", "parent", "the ladder has no top: one coordinator must be without a parent")
        return
    ends = [office.code for office in tops if office.kind == "coordinator"]
    top = ends[0] if ends else None
    for office in tops:
        if office.code != top:
            reason = f"is missing; only the top of the ladder has none, and that is {top}"
            yield Fault(_FILE, office.code, "parent", reason if top else "is missing")
    if top is None:
        yield Fault(_FILE, "", "parent", "the ladder has no top: one coordinator must be without a parent")
