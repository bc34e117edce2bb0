"""What reporters do, and whoever reads along: submit a report, see how it stands, confirm or object."""

from __future__ import annotations

import sys
from typing import Any

import click

from estafet.cli.answering import cell, code, done, version_of
from estafet.cli.connection import as_reporter, reaching, with_secret
from estafet.cli.terminal import console
from estafet.client import Client
from estafet.events.fields import SHAREABLE


@click.command("report")
@click.option("--category", required=True, help="A code of the city's services, such as jalan-kota.")
@click.option("--text", required=True, help="What happened; - reads it from standard input.")
@click.option("--place", help="The area's code, such as 35.71.01.1006.")
@click.option("--name", help="The reporter's name.")
@click.option("--email", help="Where the reporter is told what happens.")
@click.option("--phone")
@click.option("--locale", type=click.Choice(["id", "en"]), default="id", show_default=True)
@click.option("--consent", multiple=True, type=click.Choice(SHAREABLE), help="A field an agency may see; repeatable.")
@click.option("--named", multiple=True, help="An office the report is about; it is kept off its route. Repeatable.")
@click.option("--key", help="Idempotency key: repeating the command with it submits nothing new.")
@reaching
def report_command(
    client: Client, text: str, consent: tuple[str, ...], named: tuple[str, ...], key: str | None, **given: Any
) -> None:
    """Submit a report and print its code and secret."""
    reporter = {name: given.pop(name) for name in ("name", "email", "phone", "locale")}
    body = {
        **given,
        "text": sys.stdin.read().strip() if text == "-" else text,
        "reporter": reporter,
        "consent": list(consent),
        "named": list(named),
    }
    answer = client.report(body, key=key)
    emergency = answer.get("emergency")
    if emergency:
        console.print(f"[bold red]{emergency['id']} / {emergency['en']}[/]")
    console.print(f"code    [bold]{answer['code']}[/]")
    console.print(f"secret  {answer['secret']}   (keep it: it is how you follow the report)")


@click.command("show")
@code
@with_secret
@reaching
def show_command(client: Client, code: str, secret: str | None) -> None:
    """Show how a report stands: to anybody the public view, with a secret or token more."""
    ticket = client.ticket(code, secret=secret)
    for name in ("code", "category", "status", "holder", "since", "due", "version", "place", "text", "coordinator"):
        if ticket.get(name) is not None:
            console.print(f"{name:<12}{cell(ticket[name])}", markup=False)
    if ticket.get("erased"):
        console.print(f"{'text':<12}{ticket['erased']['en']} ({ticket['erased']['time']})", markup=False)
    for each in ticket.get("history", ()):
        sentence = (each.get("sentence") or {}).get("en", "")
        line = f"  {cell(each['time'])}  {each['what']:<12} {cell(each.get('office'))}  {sentence}"
        console.print(line + (f" “{each['words']}”" if each.get("words") else ""), markup=False)


@click.command("confirm")
@code
@as_reporter
def confirm_command(client: Client, code: str, secret: str) -> None:
    """Confirm that it is dealt with: the report is closed."""
    done(client.confirm(code, version_of(client, code, None, secret), secret))


@click.command("object")
@code
@click.option("--words", help="What is still wrong.")
@as_reporter
def object_command(client: Client, code: str, secret: str, words: str | None) -> None:
    """Object: it is not dealt with. The report reopens; the second time a coordinator decides."""
    done(client.object(code, version_of(client, code, None, secret), secret, words))
