"""The mailbox that bounces come to, over IMAP (RFC 3501) by TLS."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

from estafet.settings import SettingError
from services.notify.channels.mail_server import trust
from services.notify.receipts.bounces import MOST_BYTES

#: Seconds to wait for the server, at each step.
TIMEOUT = 20.0
#: Mails of one visit; the rest are the next one's.
MOST_MAILS = 200

_LOOKS_LIKE = "ESTAFET_BOUNCES_URL must look like imaps://user:password@host/INBOX, or with a port behind the host"
#: Names of folders beyond ASCII have an encoding of their own.
_FOLDER = re.compile(r'[^\x00-\x1f"\\\x7f-\U0010ffff]+')

#: What a person has to mend. It is tried again all the same.
_SENTENCES = {
    "tls": "the mailbox's server cannot be trusted: ESTAFET_BOUNCES_URL must name it as its certificate does, and "
    "ESTAFET_TLS_CA its authority",
    "login": "the mailbox's server does not take the user and password in ESTAFET_BOUNCES_URL",
    "folder": "the mailbox has no such folder as ESTAFET_BOUNCES_URL names",
    "unreachable": "the mailbox cannot be reached where ESTAFET_BOUNCES_URL says",
}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the mailbox is."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


def place_of(url: str) -> Place:
    """Read ``imaps://user:password@host:port/folder``.

    Raises:
        SettingError: it cannot be read.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingError(_LOOKS_LIKE) from error
    folder = unquote(parts.path[1:]) or "INBOX"
    if parts.scheme != "imaps" or not (parts.hostname and parts.username and parts.password):
        raise SettingError(_LOOKS_LIKE)
    if parts.query or parts.fragment or not _FOLDER.fullmatch(folder):
        raise SettingError(_LOOKS_LIKE)
    return Place(parts.hostname, port or 993, unquote(parts.username), unquote(parts.password), folder)


class _Trouble(Exception):
    """The mailbox cannot be looked into now. Its argument is one of :data:`_SENTENCES`."""


class Letterbox:
    """``ca``: file with an authority that may vouch for the server beside those of this machine."""

    def __init__(self, place: Place, ca: Path | None = None, timeout: float = TIMEOUT) -> None:
        self._place, self._ca, self._timeout = place, ca, timeout
        #: What is wrong and has been said.
        self._said: str | None = None

    def empty(self, take: Callable[[bytes], bool]) -> int:
        """Hand over the mails that nobody has read, the oldest first; answers how many.

        What ``take`` took is deleted; the rest stays, as read, for a person. What it raises ends the visit, and that
        mail is handed over again at the next.
        """
        try:
            with self._opened() as mailbox:
                self._said = None
                return self._empty(mailbox, take)
        except _Trouble as error:
            self._say(str(error))
        except (imaplib.IMAP4.error, OSError) as error:
            self._say("tls" if isinstance(error, ssl.SSLError) else "unreachable")
        return 0

    def _empty(self, mailbox: imaplib.IMAP4, take: Callable[[bytes], bool]) -> int:
        _, found = mailbox.uid("SEARCH", "UNSEEN UNDELETED")
        new = (found[0] or b"").decode("ascii").split()[:MOST_MAILS]
        for uid in new:
            mail = _fetched(mailbox, uid)
            taken = mail is not None and take(mail)
            mailbox.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen \Deleted)" if taken else r"(\Seen)")
        mailbox.expunge()
        return len(new)

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        place = self._place
        context = trust(self._ca)
        mailbox = imaplib.IMAP4_SSL(place.host, place.port, ssl_context=context, timeout=self._timeout)
        try:
            try:
                mailbox.authenticate("PLAIN", lambda _: f"\0{place.user}\0{place.password}".encode())
            except imaplib.IMAP4.error as error:
                raise _Trouble("login") from error
            if mailbox.select(f'"{place.folder}"')[0] != "OK":
                raise _Trouble("folder")
            yield mailbox
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                mailbox.logout()

    def _say(self, trouble: str) -> None:
        """Once: it is tried again every minute."""
        if trouble != self._said:
            self._said = trouble
            _log.error(_SENTENCES[trouble], server=f"{self._place.host}:{self._place.port}")


def _fetched(mailbox: imaplib.IMAP4, uid: str) -> bytes | None:
    """The mail, or as much of it as shows that it is too large; None: somebody else took it away."""
    _, found = mailbox.uid("FETCH", uid, f"BODY.PEEK[]<0.{MOST_BYTES + 1}>")
    return next((each[1] for each in found if isinstance(each, tuple)), None)
