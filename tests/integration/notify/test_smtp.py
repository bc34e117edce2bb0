"""The SMTP channel against a real server that does what real servers do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from hypothesis import given
from hypothesis import strategies as st

from estafet.relay.work import Works
from estafet.settings import SettingError
from services.notify.channel import SENT, Fate, Letter, Outcome
from services.notify.mail import _BOUNDARY, compose
from services.notify.phrasebook import packaged
from services.notify.plain import quoted
from services.notify.rendering import Wording
from services.notify.sandbox import rendered
from services.notify.sending import Sender
from services.notify.smtp import Server, Smtp, server_of
from tests.integration.notify.conftest import Hands
from tests.integration.notify.test_sending import opened, states
from tests.support import certificates

SENDER = "Estafet <estafet@tirtajaya.example>"


class Mailbox:
    """A server that takes mail, unless told what to answer at which step."""

    def __init__(self, rcpt: str | None = None, data: str | None = None, mail: str | None = None) -> None:
        self.received: list[EmailMessage] = []
        self.connections = 0
        self.rcpt, self.data, self.mail = rcpt, data, mail

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt and "good" not in address:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self.data == "hang up":
            self.data = None
            server.transport.close()
            return "451 gone"
        if self.data:
            return self.data
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(message)
        return "250 OK"


Start = Callable[..., Smtp]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a mailbox; answers the channel to it."""
    with ExitStack() as stack:

        def run(mailbox: Mailbox, user: str | None = None, **options: Any) -> Smtp:
            controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port(), **options)
            controller.start()
            stack.callback(controller.stop)
            password = "p@ss/word" if user else None
            return Smtp(Server("127.0.0.1", controller.port, False, user, password), SENDER, timeout=5)

        yield run


def letter(address: str = "sri@warga.example", **changes: Any) -> Letter:
    given: dict[str, Any] = {
        "id": "0190-delivery",
        "ticket": "TRT-7F3K-92Q",
        "recipient": "reporter",
        "address": address,
        "name": "Sri Wahyuni",
        "wording": Wording("Laporan TRT-7F3K-92Q", "Sugeng rawuh.\n", brief="Laporan TRT-7F3K-92Q"),
        "locale": "id",
        "written_at": datetime(2026, 11, 30, 9, 0, tzinfo=UTC),
    }
    return Letter(**(given | changes))


def send(channel: Smtp, *letters: Letter) -> list[Outcome]:
    with channel.open() as post:
        return [post(each) for each in letters]


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
    assert send(start(Mailbox(data="554 not this"))) == []
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
    channel = Smtp(Server("127.0.0.1", _free_port(), False, None, None), SENDER, timeout=2)
    assert send(channel, letter()) == [Outcome(Fate.AWAY, "unreachable")]


def test_a_server_that_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        channel = Smtp(Server("127.0.0.1", silent.getsockname()[1], False, None, None), SENDER, timeout=0.2)
        assert send(channel, letter()) == [Outcome(Fate.AWAY, "unreachable")]


def test_login(start: Start) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"estafet", b"p@ss/word"), handled=False)

    options: dict[str, Any] = {"authenticator": check, "auth_require_tls": False}
    mailbox = Mailbox()
    assert send(start(mailbox, user="estafet", **options), letter()) == [SENT]
    assert send(start(mailbox, user="stranger", **options), letter()) == [Outcome(Fate.AWAY, "login")]


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


def test_a_password_is_not_sent_in_the_clear_over_a_network(monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    channel = start(Mailbox())
    port = channel.server.port
    monkeypatch.setattr("services.notify.smtp._LOOPBACK", ())
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
    Sender(works, wrong, "https://lapor.tirtajaya.example").run()
    assert states(works) == {"created": 3}
    clock.forward(timedelta(minutes=1))
    assert Sender(works, right, "https://lapor.tirtajaya.example").run() == 3
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


def test_text_and_html_of_a_report_are_kept_together_and_can_be_stopped(start: Start) -> None:
    mailbox = Mailbox()
    wording = Wording(
        "[TRT-7F3K-92Q] Jalan rusak", "Sugeng rawuh – nggih.\n", "<!DOCTYPE html>\n<p>Sugeng – nggih</p>\n"
    )
    stop = f"https://lapor.tirtajaya.example/letters/stop/TRT-7F3K-92Q/{'x' * 60}"
    channel = start(mailbox)
    assert send(channel, letter(wording=wording, stop=stop), letter(id="0190-other", wording=wording)) == [SENT] * 2
    first, second = mailbox.received
    assert first.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in first.iter_parts()] == ["text/plain", "text/html"]
    for kind in ("plain", "html"):
        part = first.get_body((kind,))
        assert part is not None
        assert "nggih" in part.get_content()
    assert "Sugeng rawuh – nggih." in str(first.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert first["List-Unsubscribe"] == f"<{stop}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second["List-Unsubscribe"] is None
    assert (
        first["References"] == first["In-Reply-To"] == second["References"] == "<ticket.TRT-7F3K-92Q@tirtajaya.example>"
    )
    assert first["Message-ID"] != second["Message-ID"]


def test_a_code_cannot_add_a_header(start: Start) -> None:
    mailbox = Mailbox()
    assert send(start(mailbox), letter(ticket="T\r\nBcc: all@warga.example")) == [SENT]
    assert mailbox.received[0]["Bcc"] is None


@given(st.text(max_size=300))
def test_nobodys_words_end_a_part(words: str) -> None:
    html = rendered(packaged().letter, {**_PAGE, "body": [("quote", [f"{words}{_BOUNDARY}", f"--{_BOUNDARY}--"])]})
    message = compose(letter(wording=Wording("s", quoted(f"{words}\n--{_BOUNDARY}--") + "\n", html)), SENDER)
    parts = list(message_from_bytes(message.as_bytes(), policy=policy.default).iter_parts())  # type: ignore[attr-defined]
    assert [each.get_content_type() for each in parts] == ["text/plain", "text/html"]
    assert parts[1].get_content().replace("\r\n", "\n").rstrip().endswith("</html>")


_PAGE = {"locale": "id", "code": "T", "headline": "H", "steps": [], "footer": [], "button": "B", "stop": "S"}


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
