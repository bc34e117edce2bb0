"""The sender, on real databases, into a folder or over channels that fail as told."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.event import listen
from sqlalchemy.exc import OperationalError

from estafet.events import parse
from estafet.relay.tables import outbox
from estafet.relay.work import Works
from services.notify import deliveries, store
from services.notify.channel import SENT, Fate, Letter, Outcome, Post
from services.notify.folder import Folder
from services.notify.retries import CONTACT_WAIT, GIVE_UP_AFTER, LEASE
from services.notify.sending import Sender
from services.notify.smtp import FEW
from services.notify.stopping import token
from services.notify.tables import deliveries as table
from services.notify.tables import packages
from tests.integration.notify.conftest import CODE, Hands, arrive, event
from tests.unit.notify.samples import ticket

URL = "https://lapor.tirtajaya.example"


class Scripted:
    """A channel that answers as told and keeps what it was given."""

    name = "email"
    few = FEW

    def __init__(self, *outcomes: Outcome | BaseException, then: Outcome = SENT) -> None:
        self.letters: list[Letter] = []
        self._outcomes = list(outcomes)
        self._then = then

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        self.letters = [each for each in self.letters if each.id not in letters]

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        self.letters.append(letter)
        outcome = self._outcomes.pop(0) if self._outcomes else self._then
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def opened(works: Works, reports: int = 1, **reporter: Any) -> None:
    """Reports that have been opened and whose reporters are known."""
    arrive(works, event("directory.published", "e-0"))
    for number in range(reports):
        code = f"{CODE}{number}" if reports > 1 else CODE
        arrive(works, event("ticket.opened", f"o-{number}", 1, code=code))
        arrive(works, event("reporter.given", f"g-{number}", code=code, **reporter))


def mails(folder: Path) -> list[EmailMessage]:
    found = []
    for path in sorted(folder.glob("*.eml")):
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def states(works: Works) -> Counter[str]:
    with works.database.read() as connection:
        return Counter(connection.scalars(select(table.c.state)))


def errors(works: Works) -> list[str]:
    with works.database.read() as connection:
        return list(connection.scalars(select(table.c.error)))


def published(works: Works) -> list[Any]:
    with works.database.read() as connection:
        return [parse(body) for body in connection.scalars(select(outbox.c.body).order_by(outbox.c.id))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def into_folder(works: Works, folder: Path) -> Sender:
    return Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)


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


def test_a_crash_between_sending_and_recording_leaves_one_file_and_one_record(
    works: Works, folder: Path, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(works, reports=3)
    crashing = Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)
    monkeypatch.setattr(crashing, "_record", _crash)
    with pytest.raises(KeyboardInterrupt):
        crashing.run()
    assert len(mails(folder)) == 3
    assert states(works) == {"sending": 3}
    after = Sender(works, Folder(folder, "estafet@tirtajaya.example"), URL)
    assert after.run() == 0, "what is in flight is not ours before the lease ends"
    clock.forward(LEASE)
    assert after.run() == 3
    assert len(mails(folder)) == 3
    assert len(published(works)) == 3
    assert states(works) == {"sent": 3}


def test_what_was_sent_while_the_database_left_is_recorded_when_it_is_back(works: Works, clock: Hands) -> None:
    """The sender lives and knows: to forget what it sent would be to send it again."""
    opened(works, reports=3)
    channel, failures = Scripted(), [2]

    def away(connection: Connection) -> None:
        if channel.letters and failures[0]:
            failures[0] -= 1
            raise OperationalError("commit", {}, Exception("the server closed the connection"))

    listen(works.database.engine, "commit", away)
    assert Sender(works, channel, URL).run() == 3
    assert states(works) == {"sent": 3}
    assert len(published(works)) == 3
    clock.forward(LEASE)
    assert Sender(works, channel, URL).run() == 0
    assert len(channel.letters) == 3


def test_but_not_longer_than_the_claim_holds(works: Works) -> None:
    opened(works)
    channel = Scripted()

    def away(connection: Connection) -> None:
        if channel.letters:
            raise OperationalError("commit", {}, Exception("the server closed the connection"))

    listen(works.database.engine, "commit", away)
    minutes = itertools.count(step=LEASE.total_seconds())
    with pytest.raises(OperationalError):
        Sender(works, channel, URL, patience=1e9, monotonic=lambda: next(minutes)).run()
    assert states(works) == {"sending": 1}


def test_whoever_is_alone_takes_over_at_once_what_its_predecessor_left(works: Works) -> None:
    opened(works, reports=3)
    with works.begin() as work:
        _, left = deliveries.claim(work.connection, work.now, 2)
    channel = Scripted()
    alone = Sender(works, channel, URL, alone=True)
    assert alone.run() == 3
    assert {each.id for each in left} < {each.id for each in channel.letters}
    with works.begin() as work:
        deliveries.claim(work.connection, work.now, 2)
    assert alone.run() == 0, "later claims are its own"


def test_a_second_copy_over_the_wire_has_the_first_ones_identity(works: Works, clock: Hands) -> None:
    opened(works)
    channel = Scripted(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Sender(works, channel, URL).run()
    clock.forward(LEASE)
    Sender(works, channel, URL).run()
    first, second = channel.letters
    assert first.id == second.id


def test_a_sender_that_comes_back_late_records_nothing(works: Works, clock: Hands) -> None:
    opened(works)
    with works.begin() as work:
        late, claimed = deliveries.claim(work.connection, work.now, 10)
    clock.forward(LEASE)
    ids = [each.id for each in claimed]
    with works.begin() as work:
        now_ours, _ = deliveries.claim(work.connection, work.now, 10)
        assert deliveries.end(work.connection, late, ids, "sent", "email", work.now) == set()
        assert deliveries.end(work.connection, now_ours, ids, "sent", "email", work.now) == set(ids)
        assert deliveries.end(work.connection, now_ours, ids, "sent", "email", work.now) == set()


def test_many_senders_take_nothing_twice(works: Works) -> None:
    opened(works, reports=60)
    channels = [Scripted() for _ in range(4)]
    _at_once(*(Sender(works, channel, URL, batch=7).run for channel in channels))
    letters = Counter(letter.id for channel in channels for letter in channel.letters)
    assert len(letters) == 60
    assert set(letters.values()) == {1}
    assert len(published(works)) == 60


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


def _crash(*_: Any) -> None:
    raise KeyboardInterrupt


def _at_once(*calls: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Killed(BaseException):
    """kill -9: nobody gets to record anything."""


def test_a_sender_that_is_killed_leaves_few_letters_to_be_sent_again(works: Works) -> None:
    opened(works, reports=30)
    before_it = 29
    dying = Scripted(*[SENT] * before_it, Killed())
    with pytest.raises(Killed):
        Sender(works, dying, URL, alone=True).run()
    surviving = Scripted()
    Sender(works, surviving, URL, alone=True).run()
    sent = [letter.id for letter in dying.letters[:before_it]]
    again = {letter.id for letter in surviving.letters} & set(sent)
    assert len(sent) > 20
    assert len(again) < 10
    assert not states(works)["sending"]
