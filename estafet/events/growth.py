"""A schema only grows: what a reader of yesterday relies on stays, and what a writer of yesterday sent is enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]

#: Limits that may be widened, never narrowed: keyword → whether larger is wider.
_LIMITS = {
    "maxLength": True,
    "maxItems": True,
    "maximum": True,
    "minLength": False,
    "minItems": False,
    "minimum": False,
}


@dataclass(frozen=True, slots=True)
class Break:
    """Where a newer schema breaks with an older one.

    Attributes:
        what: completes "handoff.offered.v1 ...", such as "no longer has data.receiver".
        readers: whether those break who read it; else what a writer of yesterday sent is refused.
    """

    what: str
    readers: bool = False


def breaks(old: Node, new: Node) -> list[Break]:
    """Where a newer JSON Schema breaks with an older one of the same version; empty when it only grew."""
    return list(_breaks("data", old, new, old, new))


def _breaks(path: str, old: Node, new: Node, old_root: Node, new_root: Node) -> Iterator[Break]:
    old, new = _resolve(old, old_root), _resolve(new, new_root)
    if lost := sorted(_types(old) - _types(new)):
        yield Break(f"no longer takes {' or '.join(lost)} as {path}")
    if "enum" in new and (gone := [value for value in old.get("enum", ["any value"]) if value not in new["enum"]]):
        yield Break(f"no longer takes {', '.join(map(str, gone))} as {path}")
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield Break(f"has another pattern for {path}")
    for keyword, larger_is_wider in _LIMITS.items():
        if keyword in new and _narrowed(old.get(keyword), new[keyword], larger_is_wider):
            yield Break(f"has a narrower {keyword} for {path}")
    yield from _object_breaks(path, old, new, old_root, new_root)
    if isinstance(old.get("items"), Mapping):
        yield from _breaks(f"{path}[]", old["items"], new.get("items", {}), old_root, new_root)


def _object_breaks(path: str, old: Node, new: Node, old_root: Node, new_root: Node) -> Iterator[Break]:
    kept, now = old.get("properties", {}), new.get("properties", {})
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield Break(f"now requires {path}.{name}")
    for name in sorted((set(old.get("required", ())) - set(new.get("required", ()))) & set(now)):
        yield Break(f"no longer promises {path}.{name}", readers=True)
    for name, node in kept.items():
        if name in now:
            yield from _breaks(f"{path}.{name}", node, now[name], old_root, new_root)
        else:
            yield Break(f"no longer has {path}.{name}", readers=True)


def _narrowed(old: float | None, new: float, larger_is_wider: bool) -> bool:
    return old is None or (new < old if larger_is_wider else new > old)


def _types(node: Node) -> set[str]:
    kinds = node.get("type", [])
    if isinstance(kinds, str):
        kinds = [kinds]
    return set(kinds) | {"null" for each in node.get("anyOf", ()) if each.get("type") == "null"}


def _resolve(node: Node, root: Node) -> Node:
    """Follow a reference; of a choice between something and null, take the something, remembering the null."""
    if "anyOf" in node:
        something = next(each for each in node["anyOf"] if each.get("type") != "null")
        inner = _resolve(something, root)
        return {**inner, "type": ["null", *sorted(_types(inner))]}
    if "$ref" in node:
        found: Node = root["$defs"][node["$ref"].rpartition("/")[2]]
        return found
    return node
