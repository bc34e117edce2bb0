"""Which account pressed a button is kept apart from the chain, as long as the policy says, and in no message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from services.tickets import recording
from services.tickets.reporters import retention
from services.tickets.signin import acts
from services.tickets.signin import tables as signin
from tests.integration.tickets.pages.desk.officer import Officer
from tests.integration.tickets.pages.desk.steps import FAR, at, does, held
from tests.integration.tickets.town import DIRECTORY, Town, message


def done(served, code):
    """(what, account) of a report, the first act first."""
    with served.town.works.database.read() as connection:
        found = acts.on_report(connection, code, 20)
    return [(each["what"], each["account"]) for each in reversed(found)]


def test_each_act_at_a_desk_names_its_account_and_no_message_does(served):
    report = served.report().offered("hilir", resolve_by=FAR)
    officer, _ = at(served, "hilir", report)
    tick = {f"take.{report.code}": str(report.version)}
    assert officer.post(officer.form(officer.get("/desk"), "/desk/accept"), **tick).is_success
    page = officer.get(f"/desk/t/{report.code}")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    page = does(officer, page, report, "ask", text="Nomor berapa?", until=tomorrow)
    assert report.post("convene", "hilir", reason="offices-disagree").is_success  # with a token: an app's, say
    report.convened("asisten")
    decider = Officer(served, "coordinator:asisten")
    page = decider.sign_in(f"/desk/convened?code={report.code}")
    form = decider.form(page, f"/desk/convened/{report.code}/assign")
    assert decider.post(form, receiver="jalan", reason="competent-office").is_success
    assert done(served, report.code) == [
        ("handoff.accepted", officer.name),
        ("note.added", officer.name),
        ("ticket.paused", officer.name),
        ("ticket.assigned", decider.name),
    ]
    with served.town.works.database.read() as connection:
        mine = acts.by_account(connection, decider.name, 1)
        ids = set(connection.execute(select(signin.accounts.c.id)).scalars())
        bodies = [each.body for each in recording.entries(connection, report.code)]
    assert [(each["code"], each["what"]) for each in mine] == [(report.code, "ticket.assigned")]
    assert not [each for each in (*ids, officer.name, decider.name) if any(each in body for body in bodies)]


def test_what_was_refused_is_nobodys_act(served):
    report = held(served)
    officer, page = at(served, "taman", report)
    assert report.post("notes", "taman", text="Lebih dulu.").is_success
    assert report.post("resolve", "taman", reason="fixed").is_success
    assert does(officer, page, report, "resolve", reason="fixed").status_code == 409
    assert done(served, report.code) == []


def test_it_is_forgotten_by_the_policys_years(bare: Town) -> None:
    bare.deliver(message("directory.published", DIRECTORY | {"retention_years": 3}))
    kept = {"account": "a", "code": "CTH-1"}
    with bare.works.begin() as work:
        someone = {"id": "a", "name": "siti", "role": "officer", "office": "taman", "made_at": work.now}
        work.connection.execute(signin.accounts.insert(), someone)
        work.connection.execute(
            signin.acts.insert(), [{**kept, "message": str(each), "at": work.now} for each in range(5)]
        )
    bare.clock.pass_by(days=3 * 365)
    with bare.works.begin() as work:
        work.connection.execute(signin.acts.insert(), {**kept, "message": "young", "at": work.now})
    retention.forget(bare.works)
    assert _messages(bare) == ["0", "1", "2", "3", "4", "young"]
    bare.clock.pass_by(days=2)
    retention.forget(bare.works)
    assert _messages(bare) == ["young"]


def _messages(town: Town) -> list[str]:
    with town.works.database.read() as connection:
        return sorted(connection.execute(select(signin.acts.c.message)).scalars())
