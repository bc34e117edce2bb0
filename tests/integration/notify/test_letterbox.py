"""The mailbox that bounces come to, against a real IMAP server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from structlog.testing import capture_logs

from estafet.relay.work import Works
from estafet.settings import SettingError
from services.notify.receipts import bounces
from services.notify.receipts.letterbox import Letterbox, Place, place_of
from services.notify.service import Notify
from tests.bed.dovecot import PASSWORD, USER, Dovecot
from tests.bed.process import free_port
from tests.integration.notify.sent import PHONE, Text, opened, states
from tests.integration.notify.serving import ROOT
from tests.integration.notify.test_bouncing import Server, mail_server, marks, returned, sender
from tests.support import certificates
from tests.unit.notify.receipts.returned import AWAY, KEY, POSTFIX, recipient


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.make(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Dovecot]:
    with Dovecot(folder) as server:
        yield server


@pytest.fixture
def server(running: Dovecot) -> Dovecot:
    """With nothing in it."""
    client = running.client()
    client.select("INBOX")
    client.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
    client.expunge()
    client.logout()
    return running


@pytest.fixture
def place(server: Dovecot) -> Place:
    return Place("127.0.0.1", server.port, USER, PASSWORD)


def test_what_was_taken_is_deleted_and_the_rest_stays_for_a_person(server: Dovecot, place: Place, folder: Path) -> None:
    server.put(POSTFIX.replace(b"\n", b"\r\n"), AWAY.replace(b"\n", b"\r\n"), POSTFIX.replace(b"\n", b"\r\n"))
    taken: list[bytes] = []

    def take(mail: bytes) -> bool:
        taken.append(mail)
        return b"delivery-status" in mail

    letterbox = Letterbox(place, folder / "ca.crt")
    assert letterbox.empty(take) == 3
    assert [each.replace(b"\r\n", b"\n") for each in taken] == [POSTFIX, AWAY, POSTFIX]
    assert [b"\\Seen" in each for each in server.flags()] == [True]
    assert letterbox.empty(take) == 0


@pytest.fixture
def smtp() -> Iterator[Server]:
    with mail_server() as server:
        yield server


def test_from_the_letter_that_came_back_to_the_next_channel(
    works: Works, smtp: Server, server: Dovecot, place: Place, folder: Path
) -> None:
    """A real mail server took it, a real mailbox has what it wrote back, and the service's own timer reads that."""
    sms = Text("sms")
    opened(works, phone=PHONE)
    sending = sender(works, smtp, sms)
    sending.run()
    back = returned(smtp.received[0], recipient("failed", "5.1.1"))
    server.put(back, back.replace(b"5.1.1", b"4.4.7"))
    service = SimpleNamespace(letterbox=Letterbox(place, folder / "ca.crt"), relay=works, key=KEY, sender=sending)
    Notify.fetch_bounces(service)  # type: ignore[arg-type]
    sending.run()
    assert (states(works), marks(works), len(sms.letters)) == ({"sent": 1}, ["bounce-5.1.1"], 1)
    assert server.flags() == []


def test_what_could_not_be_recorded_comes_again(server: Dovecot, place: Place, folder: Path) -> None:
    server.put(POSTFIX, AWAY)
    letterbox = Letterbox(place, folder / "ca.crt")

    def away(mail: bytes) -> bool:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError):
        letterbox.empty(away)
    assert letterbox.empty(lambda mail: True) == 2
    assert server.flags() == []


def test_of_a_large_mail_no_more_comes_than_shows_that_it_is(server: Dovecot, place: Place, folder: Path) -> None:
    server.put(b"Subject: large\r\n\r\n" + b"x" * 70 + b"\r\n" * bounces.MOST_BYTES)
    sizes: list[int] = []
    Letterbox(place, folder / "ca.crt").empty(lambda mail: bool(sizes.append(len(mail))))
    assert sizes == [bounces.MOST_BYTES + 1]


def test_what_is_wrong_is_said_once_in_a_sentence(server: Dovecot, place: Place, folder: Path) -> None:
    server.put(POSTFIX)
    for wrong, ca, sentence in (
        (replace(place, password="another"), "ca.crt", "does not take the user and password"),
        (replace(place, folder="Nowhere"), "ca.crt", "has no such folder"),
        (replace(place, port=free_port()), "ca.crt", "cannot be reached"),
        (place, None, "cannot be trusted"),
    ):
        letterbox = Letterbox(wrong, folder / ca if ca else None, timeout=10)
        with capture_logs() as said:
            for _ in range(2):
                assert letterbox.empty(lambda mail: True) == 0
        assert [sentence in each["event"] for each in said] == [True]
        assert PASSWORD not in str(said)
    assert len(server.flags()) == 1


def test_place_of() -> None:
    assert place_of("imaps://a%40b:c%2Fd@mail.example") == Place("mail.example", 993, "a@b", "c/d", "INBOX")
    assert place_of("imaps://a:b@mail.example:9930/Back%20here").folder == "Back here"
    assert "c/d" not in repr(place_of("imaps://a%40b:c%2Fd@mail.example"))
    for wrong in (
        *("imap://a:b@mail.example", "imaps://mail.example", "imaps://a@mail.example", "imaps://a:b@/INBOX"),
        *("imaps://a:b@mail.example:x", "imaps://a:b@mail.example/a%22b", "imaps://a:b@mail.example/a%0D%0Ab"),
        *("imaps://a:b@mail.example/INBOX?tls=never", "imaps://a:b@mail.example/%C3%A4"),
    ):
        with pytest.raises(SettingError, match="ESTAFET_BOUNCES_URL"):
            place_of(wrong)


_IN_THE_SERVICE = """
import sys
import estafet.runner
import eventlet
from pathlib import Path
from services.notify.receipts.letterbox import Letterbox, place_of

turns = 0
def others():
    global turns
    while True:
        turns += 1
        eventlet.sleep(0.001)

eventlet.spawn(others)
count = Letterbox(place_of(sys.argv[1]), Path(sys.argv[2])).empty(lambda mail: b"delivery-status" in mail)
print(eventlet.patcher.is_monkey_patched("socket"), count, turns > 5)
"""


def test_in_the_service_others_go_on_while_the_server_is_waited_for(server: Dovecot, folder: Path) -> None:
    """By green threads, as the service runs, and with the setting as the operator writes it."""
    server.put(POSTFIX, AWAY)
    url = f"imaps://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}/INBOX"
    done = subprocess.run(
        [sys.executable, "-c", _IN_THE_SERVICE, url, str(folder / "ca.crt")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "True 2 True\n", done.stderr
    assert len(server.flags()) == 1
