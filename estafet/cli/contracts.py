"""``estafet contracts``: the documents that say what events look like, written from the registry, or checked."""

from __future__ import annotations

import click

from estafet.cli.failure import Failure, needs_serve


@click.command("contracts")
@click.option("--check", is_flag=True, help="Write nothing; fail when a document is stale, or a schema broke.")
@click.option("--release", "version", metavar="VERSION", help="Keep today's schemas as those of a release.")
def contracts_command(check: bool, version: str | None) -> None:
    """Write the schemas, the AsyncAPI documents, their page, the table of events and the broker's definitions.

    Works in a checkout of the repository. What an installation has, a running tickets shows at /contracts.
    Nothing is written when a schema breaks with the last release: see docs/events.md.
    """
    if check and version:
        raise Failure("--check looks and --release writes: choose.")
    documents = needs_serve("estafet.events.documents")
    if not (documents.ROOT / documents.RELEASED).is_file():
        raise Failure(f"{documents.ROOT} is no checkout of the repository, where the documents are: run it in one.")
    if found := documents.without_example():
        how = "write an example into tests/contract/examples.py, then run python -m tests.contract.test_golden"
        raise Failure(f"{', '.join(found)}: no golden file yet; {how}.")
    if found := documents.broken():
        raise Failure("\n".join(["a schema only grows, and here one did not:", *found]))
    if check:
        if found := documents.stale():
            raise Failure("\n".join(f"{path} is stale: run estafet contracts" for path in found))
        return
    documents.write()
    if version:
        documents.keep_as_released(version)
