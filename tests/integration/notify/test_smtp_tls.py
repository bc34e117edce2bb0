"""The SMTP channel by TLS and with a password, against a real server."""

from __future__ import annotations

import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from estafet.relay.work import Works
from services.notify.channels.channel import SENT, Fate, Outcome
from services.notify.channels.mail_server import Server
from services.notify.channels.smtp import Smtp
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import Hands
from tests.integration.notify.mailing import SENDER, Mailbox, Start, letter, mail, send
from tests.integration.notify.sent import opened, states
from tests.support import certificates


def test_login(start: Start) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"estafet", b"p@ss/word"), handled=False)

    options: dict[str, Any] = {"authenticator": check, "auth_require_tls": False}
    mailbox = Mailbox()
    assert send(start(mailbox, user="estafet", **options), letter()) == [SENT]
    assert send(start(mailbox, user="stranger", **options), letter()) == [Outcome(Fate.AWAY, "login")]


def test_a_password_is_not_sent_in_the_clear_over_a_network(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    channel = start(Mailbox())
    port = channel.server.port
    monkeypatch.setattr("services.notify.channels.mail_server._LOOPBACK", ())
    away = Smtp(Server("127.0.0.1", port, False, "estafet", "geheim"), SENDER, timeout=5)
    assert send(away, letter()) == [Outcome(Fate.AWAY, "no-tls")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates for localhost and 127.0.0.1, by an authority that no machine knows."""
    return certificates.make(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture
def context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "proxy.crt", folder / "proxy.key")
    return context


def _check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=(data.login, data.password) == (b"estafet", b"p@ss/word"), handled=False)


#: A server that takes letters by TLS alone, and only of whom it knows.
STRICT: dict[str, Any] = {"require_starttls": True, "authenticator": _check, "auth_required": True}


def test_by_starttls_and_with_a_password(start: Start, folder: Path, context: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    channel = start(mailbox, user="estafet", tls_context=context, **STRICT)
    assert send(replace(channel, ca=folder / "ca.crt"), letter(), letter()) == [SENT] * 2
    assert len(mailbox.received) == 2


def test_by_tls_from_the_first_byte(start: Start, folder: Path, context: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    options = {"authenticator": _check, "auth_required": True, "auth_require_tls": False}
    plain = start(mailbox, user="estafet", ssl_context=context, **options)
    channel = replace(plain, server=replace(plain.server, secure=True), ca=folder / "ca.crt")
    assert send(channel, letter()) == [SENT]
    assert len(mailbox.received) == 1


@pytest.mark.parametrize("secure", [False, True])
def test_a_certificate_of_a_stranger_is_given_no_letter_and_no_password(
    start: Start, context: ssl.SSLContext, secure: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    mailbox, asked = Mailbox(), []

    def ask(*call: Any) -> AuthResult:
        asked.append(call)
        return AuthResult(success=True)

    tls: dict[str, Any] = {"ssl_context": context} if secure else {"tls_context": context}
    channel = start(mailbox, user="estafet", authenticator=ask, auth_require_tls=False, **tls)
    channel = replace(channel, server=replace(channel.server, secure=secure))
    assert send(channel, letter(), letter()) == [Outcome(Fate.AWAY, "tls")] * 2
    assert (mailbox.received, asked) == ([], [])
    said = capsys.readouterr().out
    assert said.count("the mail server's certificate cannot be trusted") == 1
    assert "ESTAFET_TLS_CA" in said
    assert "p@ss" not in said


def test_a_certificate_for_another_name_is_not_trusted(start: Start, folder: Path, context: ssl.SSLContext) -> None:
    channel = start(Mailbox(), tls_context=context)
    other = replace(channel, server=replace(channel.server, host="127.1"), ca=folder / "ca.crt")
    assert send(other, letter()) == [Outcome(Fate.AWAY, "tls")]


def test_a_wrong_password_is_said_once_until_letters_go_again(
    start: Start, folder: Path, context: ssl.SSLContext, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = start(Mailbox(), user="estafet", tls_context=context, **STRICT)
    channel = replace(channel, ca=folder / "ca.crt")
    wrong = replace(channel, server=replace(channel.server, password="no"))
    assert send(wrong, letter()) + send(wrong, letter()) == [Outcome(Fate.AWAY, "login")] * 2
    assert capsys.readouterr().out.count("does not take the user and password in ESTAFET_SMTP_URL; letters wait") == 1
    wrong.well()
    send(wrong, letter())
    assert "letters wait" in capsys.readouterr().out


def test_letters_wait_until_the_password_is_right(
    works: Works, clock: Hands, start: Start, folder: Path, context: ssl.SSLContext
) -> None:
    opened(works, reports=3)
    mailbox = Mailbox()
    right = replace(start(mailbox, user="estafet", tls_context=context, **STRICT), ca=folder / "ca.crt")
    wrong = replace(right, server=replace(right.server, password="no"))
    Sender(works, mail(wrong), "https://lapor.tirtajaya.example").run()
    assert states(works) == {"created": 3}
    clock.forward(timedelta(minutes=1))
    assert Sender(works, mail(right), "https://lapor.tirtajaya.example").run() == 3
    assert states(works) == {"sent": 3}
    assert len(mailbox.received) == 3
    assert {each["List-Unsubscribe-Post"] for each in mailbox.received} == {"List-Unsubscribe=One-Click"}
    assert len({each["References"] for each in mailbox.received}) == 3, "each report is a conversation of its own"


def test_where_tls_is_required_nothing_goes_without(start: Start) -> None:
    mailbox = Mailbox()
    channel = start(mailbox)
    strict = replace(channel, server=replace(channel.server, tls="required"))
    assert send(strict, letter()) == [Outcome(Fate.AWAY, "no-tls")]
    assert mailbox.received == []


def test_where_tls_is_never_wanted_an_offer_of_it_is_not_taken(start: Start, context: ssl.SSLContext) -> None:
    channel = start(Mailbox(), tls_context=context)
    assert send(replace(channel, server=replace(channel.server, tls="never")), letter()) == [SENT]
