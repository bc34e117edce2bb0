"""``estafet notify bounced``: what mail servers wrote back about letters. Works on notify's own database."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

from estafet.cli.databases import works_of
from estafet.cli.failure import Failure, needs_serve, of_database
from estafet.cli.terminal import console
from estafet.secretkey import server_key
from estafet.settings import SettingError, from_environment

#: "Try again later" (sysexits.h): by any other code a mail server would tell the sender that nobody is here.
AGAIN = 75
_PIECE = 64 * 1024


@click.command("bounced")
@click.argument("mails", nargs=-1, type=click.File("rb"), metavar="[FILE]...")
def bounced_command(mails: tuple[BinaryIO, ...]) -> int:
    """Take what a mail server wrote back about a letter: a mail on standard input, or each FILE.

    For a mail server to start, as `|estafet notify bounced`, with the environment of notify. It ends with 0 whatever
    the mail was, and with 75, so that the mail server tries again, when it cannot be recorded now.
    """
    try:
        for mail in mails or (sys.stdin.buffer,):
            console.print(_take(_read(mail)), markup=False, soft_wrap=True)
    except (Failure, SettingError) as error:
        return _again(str(error))
    except Exception as error:
        sentence = of_database(error)
        if sentence is None:
            raise
        return _again(sentence)
    return 0


def _again(sentence: str) -> int:
    click.echo(f"estafet: {sentence}", err=True)
    return AGAIN


def _take(mail: bytes) -> str:
    bounces = needs_serve("services.notify.receipts.bounces")
    settings = from_environment()
    try:
        bounce = bounces.read(mail, server_key(settings))
    except bounces.NoBounce as error:
        return f"passed over: {error}"
    works = works_of(settings, "notify")
    texts = [each.name for each in needs_serve("services.notify.channels.configured").texts(settings)]
    with works.begin() as work:
        needs_serve("services.notify.receipts.bouncing").hear(work, bounce, texts)
    return f"{bounce.delivery}: {bounce.action} ({bounce.status}){'' if bounce.state else ', which changes nothing'}"


def _read(mail: BinaryIO) -> bytes:
    """No more than decides that it is too large; the rest is taken and dropped, since who pipes it waits for that."""
    kept = mail.read(needs_serve("services.notify.receipts.bounces").MOST_BYTES + 1)
    while mail.read(_PIECE):
        pass
    return kept
