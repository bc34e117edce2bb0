"""Where mail is sent: a server as ESTAFET_SMTP_URL names it, what of it must go by TLS, and who may vouch for it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from estafet.settings import SettingError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

#: What ``?tls=`` may say of a connection that begins without: STARTTLS when the server offers it; or no letter.
_TLS = ("offered", "required", "never")

_LOOKS_LIKE = "ESTAFET_SMTP_URL must look like smtp://user:password@host:port, smtps://... or smtp://host?tls=required"


@dataclass(frozen=True, slots=True)
class Server:
    """Where to send mail. ``secure``: TLS from the first byte; otherwise ``tls`` says when there is STARTTLS: when it
    is ``offered``, ``required`` or ``never``. A password goes without only to this machine itself.
    """

    host: str
    port: int
    secure: bool
    user: str | None
    password: str | None = field(repr=False)
    tls: str = "offered"

    @property
    def must_secure(self) -> bool:
        """Whether nothing may be sent without TLS."""
        return self.tls == "required" or bool(self.user and self.host not in _LOOPBACK)


def server_of(url: str) -> Server:
    """Read ``smtp://user:password@host:port``, ``smtps://...`` or ``smtp://host?tls=required``.

    Raises:
        SettingError: it cannot be read, or would send a password in the clear.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingError(_LOOKS_LIKE) from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingError(_LOOKS_LIKE)
    secure = parts.scheme == "smtps"
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = options.pop("tls", "offered")
    if options or tls not in _TLS or (secure and tls == "never"):
        raise SettingError(f"{_LOOKS_LIKE}; after the question mark there is tls={', '.join(_TLS)} alone")
    server = Server(
        host=parts.hostname,
        port=port or (465 if secure else 25),
        secure=secure,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
    )
    if server.must_secure and tls == "never":
        raise SettingError("ESTAFET_SMTP_URL has a password and tls=never: it would be sent in the clear")
    return server


@cache
def trust(ca: Path | None) -> ssl.SSLContext:
    """Whom mail servers may be vouched for by. Read once: the machine's authorities are more than a hundred."""
    context = ssl.create_default_context()
    if ca is not None:
        context.load_verify_locations(ca)
    return context
