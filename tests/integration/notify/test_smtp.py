"""The SMTP channel against a real server that does what real servers do."""

from __future__ import annotations

import socket

import pytest

from estafet.settings import SettingError
from services.notify.channels.channel import SENT, Fate, Outcome
from services.notify.channels.mail_server import Server, server_of
from services.notify.channels.smtp import Smtp
from services.notify.wording.rendering import Wording
from tests.bed.process import free_port
from tests.integration.notify.mailing import SENDER, Mailbox, Start, letter, send


def test_a_batch_arrives_over_one_connection(start: Start) -> None:
    mailbox = Mailbox()
    assert send(start(mailbox), *[letter()] * 20) == [SENT] * 20
    assert mailbox.connections == 1
    mail = mailbox.received[0]
    assert mail["Message-ID"] == "<0190-delivery@tirtajaya.example>"
    assert mail["Date"] == "Mon, 30 Nov 2026 09:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == SENDER
    assert mail.get_content() == "Sugeng rawuh.\r\n"


def test_text_beyond_ascii_and_long_lines_arrive_whole(start: Start) -> None:
    mailbox = Mailbox()
    text = "Desa Kṣiti – “kutipan” 🙂\n" + "panjang " * 300 + "\n.\n..awal titik\n"
    wording = Wording("Perihal “jalan” 🙂", text)
    assert send(start(mailbox), letter(wording=wording)) == [SENT]
    assert mailbox.received[0].get_content().replace("\r\n", "\n") == text
    assert mailbox.received[0]["Subject"] == "Perihal “jalan” 🙂"


def test_refused_for_now(start: Start) -> None:
    channel = start(Mailbox(rcpt="451 greylisted, sri@warga.example, come back"))
    assert send(channel, letter(), letter("good@warga.example")) == [Outcome(Fate.LATER, "smtp-451"), SENT]


def test_refused_for_ever(start: Start) -> None:
    channel = start(Mailbox(rcpt="550 no such user sri@warga.example"))
    assert send(channel, letter(), letter("good@warga.example")) == [
        Outcome(Fate.FAILED, "smtp-550", bounced=True),
        SENT,
    ]


def test_text_refused(start: Start) -> None:
    assert send(start(Mailbox(data="554 not this")), letter()) == [Outcome(Fate.FAILED, "smtp-554")]
    assert send(start(Mailbox(data="452 disk full")), letter()) == [Outcome(Fate.LATER, "smtp-452")]


def test_our_own_address_refused_is_nobody_elses_fault(start: Start) -> None:
    assert send(start(Mailbox(mail="550 who are you")), letter()) == [Outcome(Fate.AWAY, "sender-550")]


def test_a_server_that_is_closing(start: Start) -> None:
    assert send(start(Mailbox(rcpt="421 bye")), letter()) == [Outcome(Fate.AWAY, "smtp-421")]


def test_a_server_that_hangs_up_is_called_again(start: Start) -> None:
    mailbox = Mailbox(data="hang up")
    assert send(start(mailbox), letter(), letter()) == [Outcome(Fate.UNSURE, "connection"), SENT]
    assert mailbox.connections == 2


def test_a_server_that_is_away() -> None:
    channel = Smtp(Server("127.0.0.1", free_port(), False, None, None), SENDER, timeout=2)
    assert send(channel, letter()) == [Outcome(Fate.AWAY, "unreachable")]


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channel = Smtp(Server("127.0.0.1", silent.getsockname()[1], False, None, None), SENDER, timeout=0.2)
        assert send(channel, letter()) == [Outcome(Fate.AWAY, "unreachable")]


@pytest.mark.parametrize(
    "address",
    [
        "sri@warga.example\r\nBcc: all@warga.example",
        "sri@warga.example\nRCPT TO:<all@warga.example>",
        "sri",
        "@warga.example",
        "sri@",
        "",
        "srí@warga.example",
        "sri@warga.example, all@warga.example",
        "<sri@warga.example> all@warga.example",
    ],
)
def test_an_address_that_is_none_reaches_nobody(start: Start, address: str) -> None:
    mailbox = Mailbox()
    assert send(start(mailbox), letter(address)) == [Outcome(Fate.FAILED, "bad-address")]
    assert mailbox.received == []


@pytest.mark.parametrize("name", ["Sri\r\nBcc: all@warga.example", 'Sri" <all@warga.example>, "x', "Sri\x00\u202e", "‏"])
def test_a_name_cannot_add_a_header_or_a_reader(start: Start, name: str) -> None:
    mailbox = Mailbox()
    assert send(start(mailbox), letter(name=name)) == [SENT]
    mail = mailbox.received[0]
    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["To"].addresses] == ["sri@warga.example"]


def test_an_address_the_server_cannot_take_is_not_tried_again(start: Start) -> None:
    channel = start(Mailbox(), enable_SMTPUTF8=False)
    assert send(channel, letter("sri@wargá.example")) == [Outcome(Fate.FAILED, "not-supported")]


def test_server_of() -> None:
    assert server_of("smtp://mail.example") == Server("mail.example", 25, False, None, None)
    assert server_of("smtps://a%40b:c%2Fd@mail.example:4650") == Server("mail.example", 4650, True, "a@b", "c/d")
    assert "c/d" not in repr(server_of("smtps://a:c%2Fd@mail.example"))
    assert server_of("smtp://mail.example?tls=required").must_secure
    assert server_of("smtp://a:b@mail.example").must_secure
    assert not server_of("smtp://a:b@localhost").must_secure
    assert server_of("smtp://mail.example:587?tls=never").tls == "never"


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://[::1",
        "smtp://mail.example?tls=maybe",
        "smtp://mail.example?ssl=1",
        "smtps://mail.example?tls=never",
        "smtp://a:b@mail.example?tls=never",
    ],
)
def test_a_url_that_cannot_be_used_names_the_variable(url: str) -> None:
    with pytest.raises(SettingError, match="ESTAFET_SMTP_URL"):
        server_of(url)
