"""The sender, on real databases, into a folder or over channels that fail as told."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from estafet.relay.work import Works
from services.notify import store
from services.notify.channels.channel import SENT, Fate, Outcome
from services.notify.preferences.stopping import token
from services.notify.sending.retries import CONTACT_WAIT, GIVE_UP_AFTER
from services.notify.sending.sender import Sender
from services.notify.tables import deliveries as table
from services.notify.tables import packages
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event
from tests.integration.notify.sent import Scripted, errors, mails, opened, published, states, text_of
from tests.unit.notify.samples import ticket


def test_a_letter_in_the_folder_is_one_that_any_mail_program_opens(
    works: Works, into_folder: Sender, folder: Path
) -> None:
    opened(works)
    assert into_folder.run() == 1
    [mail] = mails(folder)
    assert mail["Subject"] == f"[{CODE}] Jalan rusak"
    assert str(mail["To"]) == "Sri Wahyuni <sri@warga.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "id"
    assert text_of(mail).startswith("Laporan Anda sudah kami terima\r\n\r\n")
    assert f"{URL}/t/{CODE}#kunci-rahasia" in text_of(mail)
    [path] = folder.iterdir()
    assert path.name.startswith(f"20261130T090000Z-{CODE}-reporter.")


def test_what_became_of_it_is_published_once_and_names_nobody(works: Works, into_folder: Sender) -> None:
    opened(works)
    into_folder.run()
    assert into_folder.run() == 0
    [sent] = published(works)
    assert sent.name == "notification.sent"
    assert (sent.subject, sent.correlationid, sent.causationid) == (CODE, "first", "o-0")
    assert sent.data["recipient"] == "reporter"
    assert sent.data["channel"] == "folder"
    assert "warga.example" not in json.dumps(sent.data)
    assert states(works) == {"sent": 1}


def test_a_message_waits_for_the_contact(works: Works, into_folder: Sender, folder: Path) -> None:
    arrive(works, event("directory.published", "e-0"), event("ticket.opened", "e-1", 1))
    assert into_folder.run() == 0
    arrive(works, event("reporter.given", "e-2", locale="en"))
    assert into_folder.run() == 1
    assert "has reached us" in text_of(mails(folder)[0])


def test_but_not_for_ever(works: Works, into_folder: Sender, clock: Hands) -> None:
    arrive(works, event("directory.published", "e-0"), event("ticket.opened", "e-1", 1))
    clock.forward(CONTACT_WAIT)
    assert into_folder.run() == 1
    [failed] = published(works)
    assert (failed.name, failed.data["error"]) == ("notification.failed", "no-contact")


def test_who_left_only_a_telephone_cannot_be_written_to_yet(works: Works, into_folder: Sender) -> None:
    opened(works, email=None, phone="+62 000 0000")
    into_folder.run()
    assert errors(works) == ["no-channel"]


def test_who_was_erased_is_not_written_to(works: Works, into_folder: Sender, folder: Path) -> None:
    opened(works)
    arrive(works, event("reporter.erased", "e-9"))
    into_folder.run()
    assert errors(works) == ["erased"]
    assert not folder.exists()


def test_an_office_without_mail_is_recorded_as_not_told(works: Works, into_folder: Sender) -> None:
    arrive(works, event("directory.published", "e-0"))
    standing = ticket(reachable=False, status="offered")
    arrive(works, event("handoff.offered", "e-1", 2, ticket=standing, receiver="unknown"))
    into_folder.run()
    assert errors(works) == ["no-contact"]


def test_an_agency_is_given_the_package_and_then_it_is_forgotten(
    works: Works, into_folder: Sender, folder: Path
) -> None:
    standing = ticket(reachable=False, confidential=True, category="bribe")
    arrive(works, event("directory.published", "e-0"), event("ticket.opened", "e-1", 1, ticket=standing))
    arrive(works, event("referral.packaged", "e-2"))
    into_folder.run()
    [mail] = mails(folder)
    assert str(mail["To"]) == "Otoritas Tirta <regulator@tirtajaya.example>"
    assert mail["Subject"] == f"[{CODE}] Kabar tentang laporan"
    assert mail["List-Unsubscribe"] is None
    assert "> sri@warga.example" in text_of(mail)
    with works.database.read() as connection:
        assert connection.execute(select(packages)).all() == []


def test_an_office_reads_nothing_of_a_confidential_report(works: Works, into_folder: Sender, folder: Path) -> None:
    standing = ticket(confidential=True, category="bribe", holder="desk", status="offered")
    arrive(works, event("directory.published", "e-0"), event("reporter.given", "e-1"))
    arrive(works, event("handoff.offered", "e-2", 2, ticket=standing, words="Nama pelapor Sri", sender="desk"))
    into_folder.run()
    to_office = next(mail for mail in mails(folder) if "lake@" in str(mail["To"]))
    text = to_office.as_string()
    assert "Pungli" in text_of(to_office)
    for hidden in ("Sri", "kunci-rahasia", "Loket", "warga.example"):
        assert hidden not in text
    assert all(each.dataclassification == "confidential" for each in published(works))


def test_whoever_wants_no_everyday_news_is_told_only_what_needs_an_answer(works: Works) -> None:
    opened(works)
    with works.begin() as work:
        store.stop_letters(work.connection, CODE, work.now)
    standing = ticket(holder="lake")
    arrive(works, event("handoff.accepted", "e-1", 2, ticket=standing, sender="desk"))
    resolved = ticket(holder="lake", status="resolved")
    arrive(works, event("ticket.resolved", "e-2", 3, ticket=resolved, reason="fixed"))
    channel = Scripted()
    Sender(works, channel, URL).run()
    assert [each.wording.brief for each in channel.letters] == [
        f"[{CODE}] Laporan Anda sudah kami terima",
        f"[{CODE}] Apakah sudah selesai?",
    ]
    assert [each.data["error"] for each in published(works) if each.name == "notification.failed"] == ["stopped"]


def test_a_reporter_can_stop_everyday_letters_and_an_office_cannot(works: Works) -> None:
    opened(works)
    arrive(works, event("handoff.offered", "e-1", 2, ticket=ticket(status="offered", holder="desk"), sender="desk"))
    channel = Scripted()
    Sender(works, channel, URL).run()
    stops = {each.recipient: each.stop for each in channel.letters}
    assert stops == {"reporter": f"{URL}/letters/stop/{CODE}/{token(CODE, 'kunci-rahasia')}", "lake": None}


def test_what_fails_for_now_is_tried_again_later(works: Works, clock: Hands) -> None:
    opened(works)
    channel = Scripted(Outcome(Fate.LATER, "smtp-451"), Outcome(Fate.LATER, "smtp-451"))
    sender = Sender(works, channel, URL)
    assert sender.run() == 1
    assert sender.run() == 0, "not at once"
    assert published(works) == []
    clock.forward(timedelta(minutes=1))
    sender.run()
    clock.forward(timedelta(minutes=1))
    sender.run()
    assert len(channel.letters) == 3
    assert [each.name for each in published(works)] == ["notification.sent"]


def test_but_no_longer_than_it_is_news(works: Works, clock: Hands) -> None:
    opened(works)
    sender = Sender(works, Scripted(then=Outcome(Fate.LATER, "connection")), URL)
    attempts = 0
    end = clock.now() + GIVE_UP_AFTER + timedelta(hours=1)
    while clock.now() < end:
        attempts += sender.run()
        clock.forward(timedelta(minutes=40))
    assert 50 < attempts < 150
    [failed] = published(works)
    assert failed.data["error"] == "connection"
    assert states(works) == {"temporary-failure": 1}


def test_what_fails_for_ever_is_not_tried_again(works: Works) -> None:
    opened(works)
    sender = Sender(works, Scripted(Outcome(Fate.FAILED, "smtp-550")), URL)
    assert sender.run() == 1
    assert sender.run() == 0
    [failed] = published(works)
    assert (failed.name, failed.data["error"]) == ("notification.failed", "smtp-550")


def test_when_the_channel_is_away_the_rest_is_given_back_untouched(works: Works) -> None:
    opened(works, reports=5)
    channel = Scripted(SENT, Outcome(Fate.AWAY, "unreachable"))
    Sender(works, channel, URL).run()
    assert len(channel.letters) == 2
    assert states(works) == {"sent": 1, "created": 4}
    with works.database.read() as connection:
        assert sorted(connection.scalars(select(table.c.attempts))) == [0, 0, 0, 1, 1]
    assert Sender(works, Scripted(), URL).run() == 3


def test_an_unforeseen_error_is_one_letters_alone(works: Works) -> None:
    opened(works, reports=3)
    Sender(works, Scripted(SENT, RuntimeError("boom")), URL).run()
    assert states(works) == {"sent": 2, "created": 1}


def test_when_its_time_is_up_the_rest_is_given_back_untouched(works: Works) -> None:
    opened(works, reports=4)
    seconds = iter([0.0, 1.0, 4.0, 6.0, 7.0])
    sender = Sender(works, Scripted(), URL, patience=5.0, monotonic=lambda: next(seconds))
    assert sender.run() == 2
    assert states(works) == {"sent": 2, "created": 2}
    assert Sender(works, Scripted(), URL).run() == 2
