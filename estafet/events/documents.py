"""Everything that is generated from the contract registry, and the last release that it must not break with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from estafet.events import asyncapi, jsonschema, page, release
from estafet.events.definitions import definitions
from estafet.events.golden import path_of
from estafet.events.registry import CONTRACTS, Contract

#: The repository, whose files are written.
ROOT = Path(__file__).resolve().parents[2]

SCHEMAS = Path("docs/contracts/schemas")
PAGE = Path("docs/contracts/index.html")
RELEASED = Path("docs/contracts/released.json")
TABLE = Path("docs/events.md")
BEGIN, END = "<!-- events: begin, generated -->", "<!-- events: end -->"


def documents(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file, by its path in the repository, as it should be."""
    return {
        Path("deploy/rabbitmq/definitions.json"): _json(definitions()),
        SCHEMAS / "envelope.json": _json(jsonschema.envelope_schema()),
        **{schema_path(contract): _json(jsonschema.schema_of(contract)) for contract in CONTRACTS},
        **{
            Path(f"docs/contracts/asyncapi/{service}.yaml"): yaml_of(asyncapi.document(service))
            for service in asyncapi.DESCRIPTIONS
        },
        PAGE: page.html(),
        TABLE: with_table((root / TABLE).read_text()),
    }


def schema_path(contract: Contract) -> Path:
    return SCHEMAS / f"{contract.key}.json"


def broken(root: Path = ROOT) -> list[str]:
    """A sentence for each break of today's schemas with those of the last release."""
    return release.broken(json.loads((root / RELEASED).read_text()))


def without_example() -> list[str]:
    """The events that have no golden file yet: nothing can be generated."""
    return [contract.type for contract in CONTRACTS if not path_of(contract.name, contract.version).is_file()]


def write(root: Path = ROOT) -> None:
    """Write every generated file."""
    for path, text in documents(root).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def keep_as_released(version: str, root: Path = ROOT) -> None:
    """Keep today's schemas, one a line, as those of a release: later ones are held against them."""
    schemas = (f'"{name}": {json.dumps(each)}' for name, each in release.schemas().items())
    text = f'{{"version": {json.dumps(version)}, "schemas": {{\n' + ",\n".join(schemas) + "\n}}\n"
    (root / RELEASED).write_text(text)


def with_table(page: str) -> str:
    """The page with the table between its marks made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}{END}{after}"


def table() -> str:
    """All events, as Markdown."""
    rows = ["| exchange | event | what happened | who listens |", "|---|---|---|---|"]
    for contract in CONTRACTS:
        link = f"[`{contract.name}`](contracts/schemas/{schema_path(contract).name})"
        listeners = ", ".join(f"`{each}`" for each in contract.listeners) or "other apps"
        rows.append(f"| `{contract.exchange}` | {link} | {contract.summary} | {listeners} |")
    return "\n".join(rows) + "\n"


def stale(root: Path = ROOT) -> list[Path]:
    """The files that are not as they should be, those included that nothing generates any more."""
    wanted = documents(root)
    wrong = [path for path, text in wanted.items() if not (root / path).exists() or (root / path).read_text() != text]
    there = [path.relative_to(root) for path in (root / "docs/contracts").rglob("*") if path.is_file()]
    return wrong + [path for path in there if path not in {*wanted, RELEASED}]


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def yaml_of(document: Any) -> str:
    """As YAML, in the order it is given."""
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return text
