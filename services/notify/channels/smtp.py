"""A mail server, spoken to by SMTP (RFC 5321): a connection a batch, by TLS where a password or a person wants it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from email.errors import MessageError
from pathlib import Path

import structlog

from services.notify.channels import codes
from services.notify.channels.channel import SENT, Fate, Letter, Outcome, Post
from services.notify.channels.mail import compose
from services.notify.channels.mail_server import Server, trust

#: Seconds to wait for the server, at each step.
TIMEOUT = 20.0

#: What a person has to mend, by the class of error that deliveries are postponed with.
_SENTENCES = {
    "tls": "the mail server's certificate cannot be trusted, or it speaks no TLS there: ESTAFET_SMTP_URL must name it "
    "as its certificate does, and ESTAFET_TLS_CA its authority; letters wait",
    "no-tls": "the mail server offers no TLS, without which nothing is sent to it: say smtps:// in ESTAFET_SMTP_URL if "
    "that is how it speaks; letters wait",
    "login": "the mail server does not take the user and password in ESTAFET_SMTP_URL; letters wait",
    "unreachable": "the mail server cannot be reached where ESTAFET_SMTP_URL says; letters wait",
}

_log = structlog.get_logger(__name__)


class _Refused(Exception):
    """The server cannot be used now. Its argument is the class of error."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """``ca``: file with an authority that may vouch for the server beside those of this machine. ``bounces_to``: where
    servers write to of letters that they could not deliver after all; None: to the sender.
    """

    server: Server
    sender: str
    timeout: float = TIMEOUT
    ca: Path | None = None
    bounces_to: str | None = None
    #: What is wrong with the server and has been said, until a letter goes.
    _said: set[str] = field(default_factory=set, compare=False, repr=False)

    def say(self, trouble: str) -> None:
        """Once: it is tried again every second."""
        if trouble in _SENTENCES and trouble not in self._said:
            self._said.add(trouble)
            _log.error(_SENTENCES[trouble], server=f"{self.server.host}:{self.server.port}")

    def well(self) -> None:
        self._said.clear()

    @contextmanager
    def open(self) -> Iterator[Post]:
        session = _Session(self)
        try:
            yield session.post
        finally:
            session.close()


class _Session:
    """A connection, made at the first letter and made again when the server hung up."""

    def __init__(self, channel: Smtp) -> None:
        self._channel = channel
        self._connection: smtplib.SMTP | None = None

    def post(self, letter: Letter) -> Outcome:
        try:
            message = compose(letter, self._channel.sender)
        except (ValueError, MessageError):
            return Outcome(Fate.FAILED, "bad-address")
        try:
            envelope = self._channel.bounces_to or self._channel.sender
            self._connected().send_message(message, envelope, [letter.address])
        except _Refused as error:
            self.close()
            self._channel.say(str(error))
            return Outcome(Fate.AWAY, str(error))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            outcome = _outcome(error)
            self._recover(error)
            return outcome
        self._channel.well()
        return SENT

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None or self._connection.sock is None:
            self.close()
            self._connection = _connect(self._channel)
        return self._connection

    def _recover(self, error: Exception) -> None:
        """Keep the connection after a proper answer; after anything else nobody knows what it would say next."""
        if isinstance(error, smtplib.SMTPServerDisconnected | OSError) and not isinstance(error, _ANSWERS):
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()


#: Exceptions that stand for an answer of the server: the connection is still good.
_ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)


def _connect(channel: Smtp) -> smtplib.SMTP:
    server = channel.server
    try:
        connection = _greet(server, channel)
    except smtplib.SMTPResponseException as error:
        raise _Refused(f"server-{error.smtp_code}") from error
    except OSError as error:
        raise _Refused("tls" if isinstance(error, ssl.SSLError) else "unreachable") from error
    try:
        _secure(connection, server, channel.ca)
    except Exception:
        connection.close()
        raise
    return connection


def _greet(server: Server, channel: Smtp) -> smtplib.SMTP:
    if server.secure:
        context = trust(channel.ca)
        return smtplib.SMTP_SSL(server.host, server.port, timeout=channel.timeout, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=channel.timeout)


def _secure(connection: smtplib.SMTP, server: Server, ca: Path | None) -> None:
    """STARTTLS if offered, or else nothing where it must be; then the login."""
    try:
        connection.ehlo_or_helo_if_needed()
        if not server.secure and server.tls != "never" and connection.has_extn("starttls"):
            connection.starttls(context=trust(ca))
            connection.ehlo()
        elif not server.secure and server.must_secure:
            raise _Refused("no-tls")
        if server.user:
            _log_in(connection, server.user, server.password or "")
    except smtplib.SMTPResponseException as error:
        raise _Refused(f"server-{error.smtp_code}") from error
    except OSError as error:  # smtplib's own exceptions are OSErrors too
        raise _Refused("tls" if isinstance(error, ssl.SSLError) else "unreachable") from error


def _log_in(connection: smtplib.SMTP, user: str, password: str) -> None:
    try:
        connection.login(user, password)
    except smtplib.SMTPException as error:
        raise _Refused("login") from error


def _outcome(error: Exception) -> Outcome:
    """The reader's fault is for ever, the server's and ours are not: 5xx for a recipient or a text ends it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = max(error.recipients.values(), default=(450, b""))
        return replace(_by_code(code), bounced=codes.no_mailbox(codes.enhanced(said.decode("latin-1")), code))
    if isinstance(error, smtplib.SMTPSenderRefused):
        # Our own address was refused: a person has to mend the setting, and meanwhile nobody's letter is lost.
        return Outcome(Fate.AWAY, f"sender-{error.smtp_code}")
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError | ValueError):
        return Outcome(Fate.FAILED, "not-supported")
    return Outcome(Fate.UNSURE, "connection")  # the letter may have gone before


def _by_code(code: int) -> Outcome:
    if code == 421:  # the server is closing: nobody else gets through either
        return Outcome(Fate.AWAY, "smtp-421")
    return Outcome(Fate.FAILED if 500 <= code < 600 else Fate.LATER, f"smtp-{code}")
