"""What offices do, through the HTTP API: what a desk lists, and the acts on a report."""

from __future__ import annotations

from collections.abc import Callable

import click
from rich.table import Table

from estafet.cli.answering import cell, code, done, version_of
from estafet.cli.connection import Command, as_office, reaching, with_secret
from estafet.cli.failure import Failure
from estafet.cli.terminal import console
from estafet.client import Client, Json, TimedOut
from estafet.events.fields import OUTCOMES
from estafet.events.reasons import reasons_for

LISTS = ("offered", "held", "overdue", "waiting", "convened", "guarded")

words = click.option("--words", help="The office's own words, for the citizen to read.")
at_version = click.option(
    "--version", "version", type=int, help="The version you decided on; without it, the report as it stands now."
)


def reason(act: str, default: str | None = None) -> Callable[[Command], Command]:
    return click.option(
        "--reason", type=click.Choice(reasons_for(act)), required=default is None, default=default, show_default=True
    )


@click.command("desk")
@click.option("--list", "which", type=click.Choice(LISTS), default="offered", show_default=True)
@click.option("--search", "q", help="Words to look for.")
@click.option("--all", "everything", is_flag=True, help="Every page, not just the first.")
@as_office
def desk_command(client: Client, which: str, q: str | None, everything: bool) -> None:
    """List the office's reports."""
    page = client.desk(which, q=q)
    items: list[Json] = page["items"]
    while everything and page.get("next"):
        page = client.desk(which, q=q, cursor=page["next"])
        items += page["items"]
    table = Table("code", "category", "status", "holder", "since", "accept by", "due", "text", box=None)
    for each in items:
        cells = (each.get(name) for name in ("code", "category", "status", "holder", "since", "accept_by", "due"))
        table.add_row(*(cell(each) for each in cells), each.get("excerpt") or "")
    console.print(table if items else f"Nothing is {which}.")
    if page.get("next"):
        console.print("There are more: --all")


@click.command("accept")
@code
@at_version
@as_office
def accept_command(client: Client, code: str, version: int | None) -> None:
    """Take a report that is offered to your office: it is its holder from now on."""
    done(client.accept(code, version_of(client, code, version)))


@click.command("refuse")
@code
@reason("refuse")
@click.option("--right-office", help="The office whose task it is.")
@click.option("--convene", is_flag=True, help="No office: its coordinator is to decide.")
@words
@at_version
@as_office
def refuse_command(
    client: Client, code: str, reason: str, right_office: str | None, convene: bool, words: str | None,
    version: int | None,
) -> None:  # fmt: skip
    """Refuse an offer. "Not ours" alone is no answer: name the right office, or convene."""
    if convene == bool(right_office):
        raise Failure("A refusal names the right office (--right-office OFFICE) or asks for a coordinator (--convene).")
    at = version_of(client, code, version)
    done(client.refuse(code, at, reason=reason, words=words, right_office=right_office))


@click.command("handoff")
@code
@click.argument("receiver", required=False)
@reason("handoff")
@words
@click.option("--wait", "seconds", default=30.0, show_default=True, help="Seconds to wait for routing's decision.")
@at_version
@as_office
def handoff_command(
    client: Client, code: str, receiver: str | None, reason: str, words: str | None, seconds: float,
    version: int | None,
) -> None:  # fmt: skip
    """Ask that RECEIVER takes a report you hold; without RECEIVER routing finds the competent office.

    You stay the holder until it accepts.
    """
    at = version_of(client, code, version)
    asked = client.request_handoff(code, at, receiver=receiver, reason=reason, words=words)
    try:
        decided = client.wait_for_handoff(code, asked["event"], timeout=seconds)
    except TimedOut as error:
        raise Failure(f"{error} The request is kept, and decided when routing is back.") from error
    to = decided.get("receiver") if decided["status"] == "offered" else decided.get("coordinator")
    console.print(f"{decided['status']}: {to or '-'}", markup=False)
    for each in decided.get("because", ()):
        console.print(f"  because {each['en']} [dim]({each['rule']})[/]")


@click.command("withdraw")
@code
@at_version
@as_office
def withdraw_command(client: Client, code: str, version: int | None) -> None:
    """Take back a handoff you asked for and nobody has accepted."""
    done(client.withdraw(code, version_of(client, code, version)))


@click.command("convene")
@code
@reason("convene")
@words
@at_version
@as_office
def convene_command(client: Client, code: str, reason: str, words: str | None, version: int | None) -> None:
    """Bring a report you hold to its coordinator."""
    done(client.convene(code, version_of(client, code, version), reason=reason, words=words))


@click.command("assign")
@code
@click.argument("receiver")
@reason("assign", default="competent-office")
@words
@at_version
@as_office
def assign_command(
    client: Client, code: str, receiver: str, reason: str, words: str | None, version: int | None
) -> None:
    """Decide, as coordinator, that RECEIVER holds the report. It binds, at once."""
    done(client.assign(code, version_of(client, code, version), receiver=receiver, reason=reason, words=words))


@click.command("resolve")
@code
@reason("resolve", default="fixed")
@words
@at_version
@as_office
def resolve_command(client: Client, code: str, reason: str, words: str | None, version: int | None) -> None:
    """Say that a report you hold is dealt with; the reporter confirms or objects."""
    done(client.resolve(code, version_of(client, code, version), reason=reason, words=words))


@click.command("refer")
@code
@click.argument("agency")
@as_office
def refer_command(client: Client, code: str, agency: str) -> None:
    """Refer a report you hold to an outside AGENCY; you stay its holder."""
    done(client.refer(code, version_of(client, code, None), agency))


@click.command("answer")
@code
@click.argument("referral")
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True)
@click.option("--receipt", help="The agency's own number for the case.")
@words
@as_office
def answer_command(
    client: Client, code: str, referral: str, outcome: str, receipt: str | None, words: str | None
) -> None:
    """Record what an outside agency answered to REFERRAL."""
    done(
        client.answer_referral(
            code, version_of(client, code, None), referral, outcome=outcome, receipt=receipt, words=words
        )
    )


@click.command("note")
@code
@click.argument("text")
@click.option("--internal", is_flag=True, help="For offices alone, not for the citizen.")
@with_secret
@reaching
def note_command(client: Client, code: str, text: str, internal: bool, secret: str | None) -> None:
    """Add a note."""
    done(client.note(code, version_of(client, code, None, secret), text, public=not internal, secret=secret))
