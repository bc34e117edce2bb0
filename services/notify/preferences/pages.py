"""What the pages behind the links in letters have in common: the form that is sent, and how a page is answered."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from estafet.web import Dialect, Problem
from estafet.web.dialect import OURS
from estafet.web.forms import is_from_here, pairs

HTML = "text/html"
_MOST_FIELDS = 20
#: "no-referrer" would take the Origin from our own form as well.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

#: Forms, of which a field that is given twice counts the last; and problems as the rest of the API tells them.
FORM = Dialect(lambda request: dict(pairs(request, _MOST_FIELDS)), OURS.refuse)


def answer(text: str, status: int = 200) -> Response:
    return Response(text, status=status, headers=_HEADERS, content_type=f"{HTML}; charset=utf-8")


def require_from_here(request: Request, public_url: str) -> None:
    """Go on only with what no other page sent: where the browser says nothing, the link's token has to do, which
    another page does not know.

    Raises:
        Problem: ``foreign-form``.
    """
    if not is_from_here(request, public_url):
        raise Problem("foreign-form", "Open the page by the link in a letter, and send its form from there.")
