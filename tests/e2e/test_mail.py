"""From HTTP to the mail in somebody's mailbox, through all three services."""

from __future__ import annotations

import secrets

from tests.e2e.mailbox import Mailbox
from tests.e2e.system import System, until


def test_reporter_and_office_are_told_once(system: System, mailbox: Mailbox) -> None:
    address = f"warga-{secrets.token_hex(4)}@warga.example"
    tokens = system.tokens()
    with system.client() as client:
        report = {"category": "ktp", "text": "KTP saya hilang.", "reporter": {"email": address, "locale": "en"}}
        answer = client.report(report, key=secrets.token_hex(8))
        code, secret = answer["code"], answer["secret"]
        ticket = client.wait_for(code, lambda each: each["status"] == "offered", secret=secret)
        office = ticket["offered_to"]["code"]
        until(lambda: mailbox.to(address), "mail to the reporter")
        until(lambda: _about(mailbox, f"{office}@kediri.example", code), f"mail to {office}")
        client.using(tokens[office]).accept(code, ticket["version"])
        auditor = client.using(tokens["auditor"])

        def told_of_the_acceptance() -> bool:
            entries = list(auditor.chain(code))
            accepted = [each["id"] for each in entries if each["name"] == "handoff.accepted"]
            told = [each["causationid"] for each in entries if each["name"] == "notification.sent"]
            return bool(accepted) and accepted[0] in told

        until(told_of_the_acceptance, "the deliveries in the chain")
    to_reporter = mailbox.to(address)
    assert all(code in str(message) for message in to_reporter)
    assert {message["References"] for message in to_reporter} == {f"<ticket.{code}@localhost>"}
    assert len({message["Subject"] for message in to_reporter}) == 1, "a mail program shows them as one conversation"
    assert {message.get_content_type() for message in to_reporter} == {"multipart/alternative"}
    assert len(_about(mailbox, f"{office}@kediri.example", code)) == 1


def _about(mailbox: Mailbox, recipient: str, code: str) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.to(recipient) if code in message.as_string()]
