"""``python -m estafet.events.documents [--check]``: write everything that is generated from the contract registry.

It refuses to write a schema that breaks with the one that is there: that needs a new version beside the old one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from estafet.events import asyncapi, growth, jsonschema
from estafet.events.definitions import definitions, services
from estafet.events.registry import CONTRACTS, Contract

#: The repository, whose files are written.
ROOT = Path(__file__).resolve().parents[2]

SCHEMAS = Path("docs/contracts/schemas")
TABLE = Path("docs/events.md")
BEGIN, END = "<!-- events: begin, generated -->", "<!-- events: end -->"


def documents(root: Path = ROOT) -> dict[Path, str]:
    """Every generated file, by its path in the repository, as it should be."""
    return {
        Path("deploy/rabbitmq/definitions.json"): _json(definitions()),
        SCHEMAS / "envelope.json": _json(jsonschema.envelope_schema()),
        **{schema_path(contract): _json(jsonschema.schema_of(contract)) for contract in CONTRACTS},
        **{
            Path(f"docs/contracts/asyncapi/{service}.yaml"): _yaml(asyncapi.document(service))
            for service in ("intake", *services())
        },
        TABLE: with_table((root / TABLE).read_text()),
    }


def schema_path(contract: Contract) -> Path:
    return SCHEMAS / f"{contract.name}.v{contract.version}.json"


def broken(root: Path = ROOT) -> list[str]:
    """Where today's schemas break with the written ones."""
    return [
        f"{contract.name}.v{contract.version} {what}"
        for contract in CONTRACTS
        if (root / schema_path(contract)).exists()
        for what in growth.breaks(
            json.loads((root / schema_path(contract)).read_text()), jsonschema.schema_of(contract)
        )
    ]


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
    return wrong + [path for path in there if path not in wanted]


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _yaml(document: Any) -> str:
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return text


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 and name what is stale.")
def main(check: bool) -> None:
    """Write the broker's definitions, AsyncAPI, JSON Schema and the table of events."""
    if problems := broken():
        click.echo("\n".join(problems), err=True)
        raise click.ClickException("a schema only grows; put a breaking change into a new version beside the old one")
    if check:
        for path in (found := stale()):
            click.echo(f"{path} is stale: run python -m estafet.events.documents", err=True)
        sys.exit(1 if found else 0)
    for path, text in documents().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text)


if __name__ == "__main__":
    main()
