"""``estafet demo``: two reports played through a running system, from the citizen's first word to the confirmation.

The offices are found in the running system's directory, so it plays in any city that has the two categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from estafet.cli import tokenfile
from estafet.cli.connection import reaching
from estafet.cli.failure import Failure
from estafet.cli.stage import Stage, code_of
from estafet.cli.terminal import console
from estafet.client import Client, Json, Problem
from estafet.settings import from_environment

LAND = "sertifikat-tanah"
INVESTMENT = "investasi-mencurigakan"


@click.command("demo")
@click.option("--tokens", "file", type=click.Path(path_type=Path), help="Tokens by office (JSON). [default: up's]")
@click.option("--land", default=LAND, show_default=True, help="Category of the report that is pushed back and forth.")
@click.option("--investment", default=INVESTMENT, show_default=True, help="Category of the report that is referred.")
@click.option("--timeout", default=30.0, show_default=True, help="Seconds that any one step may take.")
@reaching
def demo_command(client: Client, file: Path | None, land: str, investment: str, timeout: float) -> None:
    """Play a bounce that the rules stop, and a referral that keeps its holder; draw and verify both chains."""
    offices = {each["code"]: each for each in client.offices()}
    if not offices:
        raise Failure("The running system has no offices yet. Load a city: estafet city load city/kediri")
    tokens = _tokens(file, offices)
    with Stage(client, tokens, console, "A land certificate, pushed back and forth", timeout) as stage:
        bounce(stage, offices, land)
        first = (stage.code, stage.verify())
    with Stage(client, tokens, console, "A suspicious investment, referred to an outside agency", timeout) as stage:
        referral(stage, offices, investment)
        second = (stage.code, stage.verify())
    for code, entries in (first, second):
        console.print(f"[bold green]verified[/] {code}: {entries} entries, every hash holds")


def bounce(stage: Stage, offices: Mapping[str, Json], category: str) -> None:
    """Two kelurahan push a report back and forth until rule 3 stops it and their camat decides."""
    here, there = _neighbours(offices)
    stage.say("A citizen reports that the land certificate names the wrong village, and lets the land office see it.")
    stage.submit(
        {
            "category": category,
            "place": offices[here]["area"],
            "text": "Sertifikat tanah saya menyebut kelurahan yang keliru. Siapa yang membetulkannya?",
            "reporter": {"name": "Siti", "email": "siti@warga.example", "locale": "id"},
            "consent": ["text", "place"],
        }
    )
    stage.until("offered")
    first = str(stage.message("handoff.offered")["receiver"])
    second = _sibling(offices, first, (here, there))
    stage.say(f"{first} accepts: it holds the report, and is its guardian from now on.")
    stage.office(first).accept(stage.code, stage.version())
    stage.until("held", first)
    stage.say(f"{first} hands it to {second}, which accepts.")
    _hand_on(stage, first, second)
    stage.until("offered", first)
    stage.office(second).accept(stage.code, stage.version())
    stage.until("held", second)
    stage.say(f"{second} hands it back. Rule 3: no way back by itself.")
    blocked = _hand_on(stage, second, first)
    _expect(blocked["status"] == "blocked", f"the way back to {first} was {blocked['status']}, not blocked")
    convened = stage.until("convened", second)
    coordinator = code_of(convened["coordinator"])
    stage.say(f"The rules convene {coordinator}, who decides: {first} finishes it. That binds.")
    stage.office(coordinator).assign(
        stage.code,
        stage.version(),
        receiver=first,
        reason="competent-office",
        words="Tanahnya terletak di kelurahan ini; selesaikan dengan Kantor Pertanahan.",
    )
    stage.until("held", first)
    _settle_referrals(stage, first)
    stage.say(f"{first} resolves it, and the citizen confirms.")
    _finish(stage, first, "explained")


def referral(stage: Stage, offices: Mapping[str, Json], category: str) -> None:
    """A report goes to an outside agency, with what the reporter let us share; the city stays its holder."""
    here, _ = _neighbours(offices)
    stage.say("A citizen reports a suspicious investment offer, and lets us share its text but not the name.")
    stage.submit(
        {
            "category": category,
            "place": offices[here]["area"],
            "text": "Seorang kenalan menawarkan keuntungan pasti 10% sebulan. Apakah ini investasi bodong?",
            "reporter": {"name": "Budi", "email": "budi@warga.example", "locale": "id"},
            "consent": ["text"],
        }
    )
    stage.until("offered")
    holder = str(stage.message("handoff.offered")["receiver"])
    stage.say(f"{holder} accepts it.")
    stage.office(holder).accept(stage.code, stage.version())
    stage.until("held", holder)
    opened = _referral(stage, holder)
    agency = opened["agency"]
    package = stage.office(holder).package(stage.code, opened["referral"])
    shared = list(package["fields"])
    _expect("Budi" not in str(package) and "budi@" not in str(package), f"{agency} was given the reporter's identity")
    stage.say(f"{agency} is given {', '.join(shared)}, and nothing else. {holder} stays the holder.")
    coordinator = str(offices[here]["parent"])
    stage.say(f"{coordinator}, the coordinator of the place, is told of it.")
    stage.told("referral.opened", coordinator)
    stage.until("held", holder)
    _expect(_refuses_to_resolve(stage, holder), "a report with an open referral could be resolved")
    _settle_referrals(stage, holder)
    stage.say(f"{agency} has answered, {holder} resolves it, and the citizen confirms.")
    _finish(stage, holder, "agency-settled")


def _tokens(file: Path | None, offices: Mapping[str, Json]) -> dict[str, str]:
    """Given ones, those ``up`` made, or new ones, when tickets' database can be reached from here."""
    if file:
        return tokenfile.read(file)
    settings = from_environment()
    kinds = {code: str(each["kind"]) for code, each in offices.items()}
    return tokenfile.issue(settings, settings.data / tokenfile.FILE, tokenfile.roles(kinds), "demo")


def _neighbours(offices: Mapping[str, Json]) -> tuple[str, str]:
    """Two offices of one area's coordinator that each answer for a place."""
    by_parent: dict[str, list[str]] = {}
    for code, each in offices.items():
        if each["kind"] == "kelurahan" and each.get("area"):
            by_parent.setdefault(str(each["parent"]), []).append(code)
    for codes in by_parent.values():
        if len(codes) > 1:
            return codes[0], codes[1]
    raise Failure("The demo needs two kelurahan of one kecamatan; this city has none.")


def _sibling(offices: Mapping[str, Json], office: str, preferred: Sequence[str]) -> str:
    parent, kind = offices[office]["parent"], offices[office]["kind"]
    fitting = [code for code, each in offices.items() if each["parent"] == parent and each["kind"] == kind]
    for code in (*preferred, *fitting):
        if code != office and code in fitting:
            return code
    raise Failure(f"The demo needs a second {kind} beside {office}; this city has none.")


def _hand_on(stage: Stage, sender: str, receiver: str) -> Json:
    office = stage.office(sender)
    asked = office.request_handoff(stage.code, stage.version(), receiver=receiver, reason="other-place")
    return office.wait_for_handoff(stage.code, asked["event"], timeout=stage.timeout)


def _referral(stage: Stage, holder: str) -> Json:
    """The referral that routing asked for with its decision, else one that the holder opens."""
    routed = stage.message("handoff.routed")
    if not stage.ticket().get("referrals"):
        agency = routed.get("refer") or "ojk"
        stage.office(holder).refer(stage.code, stage.version(), agency)
    return stage.message("referral.opened")


def _settle_referrals(stage: Stage, holder: str) -> None:
    """Each agency that was asked answers with its own number, and later that it is settled."""
    office = stage.office(holder)
    for each in stage.ticket().get("referrals", ()):
        if each["outcome"] in ("settled", "declined"):
            continue
        stage.say(f"{each['agency']} gives its receipt, and settles it.")
        office.answer_referral(stage.code, stage.version(), each["id"], outcome="received", receipt="R-2026-0042")
        office.answer_referral(
            stage.code, stage.version(), each["id"], outcome="settled", words="Sudah ditindaklanjuti."
        )
        stage.message("referral.answered", lambda data: data["outcome"] == "settled")


def _refuses_to_resolve(stage: Stage, holder: str) -> bool:
    try:
        stage.office(holder).resolve(stage.code, stage.version(), reason="fixed")
    except Problem as problem:
        return problem.slug == "referral-open"
    return False


def _finish(stage: Stage, holder: str, reason: str) -> None:
    stage.office(holder).resolve(stage.code, stage.version(), reason=reason)
    stage.until("resolved", holder)
    stage.anybody.confirm(stage.code, stage.version(), stage.secret)
    stage.until("closed", holder)
    stage.message("ticket.closed")
    stage.told("ticket.closed")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failure(f"The demo did not go as the rules say: {otherwise}.")
