"""What the pages behind the links in letters have in common: the form that is sent, and how a page is answered."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from estafet.browsers import is_foreign, page_headers
from estafet.web import Dialect, Problem
from estafet.web.dialect import OURS
from estafet.web.forms import pairs

HTML = "text/html"
_MOST_FIELDS = 20
_HEADERS = page_headers("'unsafe-inline'", files=False)

#: Forms, of which a field that is given twice counts the last; and problems as the rest of the API tells them.
FORM = Dialect(lambda request: dict(pairs(request, _MOST_FIELDS)), OURS.refuse)


def answer(text: str, status: int = 200, referrer: str = "same-origin") -> Response:
    """``referrer``: "no-referrer" takes the Origin from a page's own form as well, so only where nobody asks for it."""
    headers = {**_HEADERS, "Referrer-Policy": referrer}
    return Response(text, status=status, headers=headers, content_type=f"{HTML}; charset=utf-8")


def require_from_here(request: Request, public_url: str) -> None:
    """Go on only with what no other page sent: where the browser says nothing, the link's token has to do, which
    another page does not know.

    Raises:
        Problem: ``foreign-form``.
    """
    if is_foreign(request, public_url):
        raise Problem("foreign-form", "Open the page by the link in a letter, and send its form from there.")
