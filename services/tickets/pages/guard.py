"""Whose forms are taken: those of our own pages, sent from the browser that was given them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any

from werkzeug.wrappers import Request

from estafet.browsers import is_foreign, page_headers
from estafet.web import Problem
from services.tickets.pages import files

#: Its value is a secret between us and this browser; it stands in no page.
COOKIE = "estafet_form"
#: The field of every form that proves that the page it is on was made for this browser.
FIELD = "proof"


@cache
def headers() -> dict[str, str]:
    """What pages need of a browser: our own files, and the one stylesheet that stands in the page, by its hash."""
    digests = (base64.b64encode(hashlib.sha256(files.style(each).encode()).digest()).decode() for each in files.SHEETS)
    styles = " ".join(f"'sha256-{each}'" for each in digests)
    return page_headers(styles)


def new_cookie() -> str:
    return secrets.token_urlsafe(24)


def proof(cookie: str) -> str:
    """For a form on a page. It is another one each time, so that a compressed page gives nothing of it away."""
    salt = secrets.token_urlsafe(9)
    return f"{salt}.{_digest(salt, cookie)}"


def require(request: Request, form: Mapping[str, Any], public_url: str) -> None:
    """Go on only with a form of ours.

    Raises:
        Problem: ``foreign-form``.
    """
    cookie = request.cookies.get(COOKIE, "")
    salt, _, digest = str(form.get(FIELD, "")).partition(".")
    proven = cookie and hmac.compare_digest(digest.encode("utf-8", "replace"), _digest(salt, cookie).encode())
    if not proven or is_foreign(request, public_url):
        raise Problem("foreign-form", "Open the page again, and send its form from there.")


def _digest(salt: str, cookie: str) -> str:
    return hmac.new(cookie.encode("utf-8", "replace"), salt.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
