"""The schemas of the last release, which later ones must not break with: ``docs/contracts/released.json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from estafet.events import growth
from estafet.events.jsonschema import schema_of
from estafet.events.registry import CONTRACTS, Contract


def schemas() -> dict[str, Any]:
    """Today's, by event and version."""
    return {each.key: schema_of(each) for each in CONTRACTS}


def broken(released: Mapping[str, Any], contracts: Iterable[Contract] = CONTRACTS) -> list[str]:
    """A sentence for each break with a release: what broke, who suffers, and what to do instead."""
    today = {each.key: each for each in contracts}
    sentences = []
    for name, schema in released["schemas"].items():
        if name not in today:
            them = f"services and apps of release {released['version']} still send it or wait for it"
            sentences.append(f"{name} is gone: {them}; keep it.")
            continue
        sentences += [_sentence(today[name], each) for each in growth.breaks(schema, schema_of(today[name]))]
    return sentences


def _sentence(contract: Contract, found: growth.Break) -> str:
    beside = f"keep it as it was, or add {contract.name}.v{contract.version + 1} beside it."
    readers = _readers(contract)
    if found.readers:
        return f"{contract.key} {found.what}: {readers}; {beside}"
    writers = "other apps send" if contract.publisher == "intake" else f"{contract.publisher} of the last release sends"
    return f"{contract.key} {found.what}: what {writers} would be refused, and {readers}; {beside}"


def _readers(contract: Contract) -> str:
    if not contract.listeners:
        return "other apps may read it"
    known = " and ".join(contract.listeners) + (" reads it" if len(contract.listeners) == 1 else " read it")
    return f"{known}, and so may other apps" if contract.public else known
