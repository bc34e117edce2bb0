"""``estafet account``: what people sign in to a desk with."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from estafet.cli.databases import database_of
from estafet.cli.failure import Failure, cannot, needs_serve
from estafet.cli.terminal import console, table
from estafet.events.routing import COORDINATING_KINDS
from estafet.settings import DESK_ROLES, from_environment


@click.group("account")
def account_command() -> None:
    """The accounts of people who sign in at a desk."""


@account_command.command("add")
@click.argument("name")
@click.argument("role", type=click.Choice(DESK_ROLES))
@click.argument("office", required=False)
@click.option("--no-password", is_flag=True, help="They sign in by the city's identity provider alone.")
def account_add(name: str, role: str, office: str | None, no_password: bool) -> None:
    """Let NAME sign in as ROLE, officers and coordinators for an OFFICE.

    A password for their first sign-in is made and printed, this once, unless one is read from stdin. For the city's
    identity provider NAME is what it calls them: their email address, say.
    """
    password, made = (None, False) if no_password else _password()
    now, must_change = datetime.now(UTC), password is not None
    with _tickets().begin() as connection, cannot("make the account"):
        _accounts().add(connection, name, role, office, password, now, must_change=must_change)
    _tell(name, password if made else None, f"{name} can sign in at /desk")


@account_command.command("password")
@click.argument("name")
def account_password(name: str) -> None:
    """Set another password for NAME, for one sign-in, and end their sessions.

    It is made and printed, this once, unless one is read from stdin.
    """
    password, made = _password()
    with _tickets().begin() as connection, cannot("set it"):
        done = _accounts().set_password(connection, name, password, must_change=True)
    if not done:
        raise _unknown(name)
    _tell(name, password if made else None, f"{name} has another password, and is signed out everywhere")


@account_command.command("unlock")
@click.argument("name")
def account_unlock(name: str) -> None:
    """Let NAME try again at once, after too many wrong passwords."""
    with _tickets().begin() as connection:
        if not _accounts().unlock(connection, name):
            raise _unknown(name)
    console.print(f"{name} can try again", markup=False)


@account_command.command("reset-totp")
@click.argument("name")
def account_reset_totp(name: str) -> None:
    """Ask NAME for no code of a telephone any more, and end their sessions: they lost it, and their recovery codes.

    Make sure that it is they who ask. Where their role needs a code, they set up a telephone at the next sign-in.
    """
    with _tickets().begin() as connection:
        if not needs_serve("services.tickets.signin.factor").reset(connection, name):
            raise Failure(f"{name} has no telephone set up, or there is no such account. See: estafet account list")
    console.print(f"{name} is asked for no code, and is signed out everywhere", markup=False)


@account_command.command("end")
@click.argument("name")
def account_end(name: str) -> None:
    """End the account NAME and sign it out, now."""
    with _tickets().begin() as connection:
        if not _accounts().end(connection, name, datetime.now(UTC)):
            raise Failure(f"There is no account {name} in force. See: estafet account list")
    console.print(f"{name} has ended", markup=False)


@account_command.command("list")
def account_list() -> None:
    """List the accounts."""
    with _tickets().read() as connection:
        table(_accounts().list_accounts(connection), "There is no account. See: estafet account add --help")


@account_command.command("log")
@click.argument("whose", metavar="NAME|CODE")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most so many lines.")
def account_log(whose: str, limit: int) -> None:
    """Who did what at a desk, the latest first: what the account NAME did, or what was done to the report CODE.

    Everybody else reads of the office alone. What was done with a token is not here: it is its owner's.
    """
    acts = needs_serve("services.tickets.signin.acts")
    name = whose.lower()
    with _tickets().read() as connection:
        if any(each["name"] == name for each in _accounts().list_accounts(connection)):
            table(acts.by_account(connection, name, limit), f"{name} has done nothing at a desk")
            return
        code = _code(whose, needs_serve("services.tickets.learning").known(connection))
        table(acts.on_report(connection, code, limit), f"Nobody has done anything to {code} at a desk")


@account_command.command("demo")
def account_demo() -> None:
    """Make accounts to look around with: of each office, named as its code, and of each coordinator.

    All have one password, which is printed; doing it again makes another. Only where everything is in one process.
    """
    settings = from_environment()
    if not settings.embedded or settings.database_url:
        raise Failure("Accounts to look around with are for the embedded form alone. See: estafet account add --help")
    password = needs_serve("services.tickets.signin.passwords").made()
    made = _demo(password)
    table(({"account": name, "role": role, "office": office} for name, (role, office) in made.items()), "No office.")
    console.print(f"open      {settings.public_url}/desk", markup=False, soft_wrap=True)
    console.print(f"password  {password}", markup=False, soft_wrap=True)


def _demo(password: str) -> dict[str, tuple[str, str | None]]:
    accounts, now = _accounts(), datetime.now(UTC)
    with _tickets().begin() as connection:
        city = needs_serve("services.tickets.learning").known(connection)
        if city is None:
            raise Failure("There is no city yet. Start it first: estafet up")
        wanted = _looking_around(city.offices.values())
        for name, (role, office) in wanted.items():
            if not accounts.set_password(connection, name, password):
                accounts.add(connection, name, role, office, password, now)
    return wanted


def _looking_around(offices: Iterable[Any]) -> dict[str, tuple[str, str | None]]:
    """Role and office by name. A kecamatan has two: it holds reports, and decides between its kelurahan."""
    wanted: dict[str, tuple[str, str | None]] = {}
    for office in offices:
        if office.kind not in ("coordinator", "external"):
            wanted[office.code] = ("officer", office.code)
        if office.kind in COORDINATING_KINDS:
            wanted[f"koordinator.{office.code}"] = ("coordinator", office.code)
    return {**wanted, "auditor": ("auditor", None)}


def _code(text: str, city: Any) -> str:
    codes = needs_serve("services.tickets.codes")
    try:
        code: str = codes.read(text, city.code_prefix if city else "")
    except codes.Mistyped as error:
        raise Failure(f"There is no account {text}, nor is it a report's code. See: estafet account list") from error
    return code


def _password() -> tuple[str, bool]:
    """From stdin, else one that is made; and whether it was made."""
    given = "" if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    made: str = needs_serve("services.tickets.signin.passwords").made()
    return (given, False) if given else (made, True)


def _tell(name: str, password: str | None, done: str) -> None:
    if password is not None:
        click.echo(password)
        click.echo(
            "Give it to them now, it is not shown again. They take one of their own when they sign in.", err=True
        )
    console.print(done, markup=False)


def _unknown(name: str) -> Failure:
    return Failure(f"There is no account {name}. See: estafet account list")


def _accounts() -> Any:
    return needs_serve("services.tickets.signin.accounts")


def _tickets() -> Any:
    return database_of(from_environment(), "tickets")
