"""Whom the page answers: a browser of this machine that was given this run's key, and forms of our own pages."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from estafet.browsers import page_headers

#: Names of this machine. A name of somebody else's that leads here is how a foreign page would read ours. The port is
#: not looked at: through a tunnel it is another.
_NAMES = ("127.0.0.1", "localhost")

HEADERS = {"Cache-Control": "no-store", **page_headers("'self'")}


@dataclass(frozen=True, slots=True)
class Guard:
    """Holds what only this run knows.

    Attributes:
        port: where it listens; browsers keep one cookie for all ports of a machine, so its name has it.
        key: opens the page; whoever started the command is told it, and other accounts of this machine are not.
        token: is in every form, so that no other page can send one.
    """

    port: int
    key: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def cookie(self) -> str:
        return f"estafet_console_{self.port}"

    def brings_key(self, request: Request) -> bool:
        """Whether the address has the key: it becomes a cookie, and leaves the address."""
        return request.method == "GET" and _same(request.args.get("key", ""), self.key)

    def refusal(self, request: Request) -> str | None:
        """Why a request is not answered, in a sentence; None: it is."""
        if _host(request) not in _NAMES:
            return "This page is for this machine alone: open it as http://127.0.0.1, by a tunnel if you are elsewhere."
        if not _same(request.cookies.get(self.cookie, ""), self.key) and not self.brings_key(request):
            return "Open the address that `estafet console` printed: it has the key of this run."
        if request.method in ("GET", "HEAD"):
            return None
        if not _from_here(request) or not _same(request.form.get("token", ""), self.token):
            return "This form is not of this run of the console: open the page again, and decide there."
        return None


def _host(request: Request) -> str | None:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname
    except ValueError:
        return None


def _from_here(request: Request) -> bool:
    """What the browser says of who sends a form; every browser of today says at least one of the two. It is stricter
    than `is_foreign`, which has to do for any browser behind any proxy.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is None and site is None:
        return False
    return origin in (None, f"http://{request.headers['Host']}") and site in (None, "same-origin")


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
