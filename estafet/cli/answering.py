"""What the commands of offices and reporters share: the report they name, its version, and how an answer is printed."""

from __future__ import annotations

from typing import Any

import click

from estafet.cli.terminal import console
from estafet.client import Client, Json

code = click.argument("code")


def version_of(client: Client, code: str, version: int | None, secret: str | None = None) -> int:
    return version if version is not None else int(client.ticket(code, secret=secret)["version"])


def done(answer: Json) -> None:
    parts = (f"{name} {cell(answer[name])}" for name in ("code", "status", "holder", "version") if name in answer)
    console.print("  ".join(parts), markup=False)


def cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return f"{value.get('name') or value.get('id')} ({value.get('code', '')})"
    return str(value)
