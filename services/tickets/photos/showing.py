"""A photo as it is sent: to whom may see it, as what it is, and so that no browser makes anything else of it."""

from __future__ import annotations

from sqlalchemy import Connection
from werkzeug.wrappers import Request, Response

from estafet.web import Problem
from services.tickets.access.entitlement import Action
from services.tickets.access.sight import Sight
from services.tickets.photos import attachments


def photo(connection: Connection, sight: Sight, id: str, request: Request, *, small: bool) -> Response:
    """The picture. A browser may keep it, and asks each time whether it may still show it.

    Raises:
        Problem: it is not theirs to see; ``not-found``.
    """
    sight.require(Action.FULL_VIEW)
    found = attachments.find(connection, sight, id, small=small)
    if found is None:
        raise Problem("not-found", "The report has no such photo.")
    etag = f"{found['sha256'][:32]}{'-small' if small else ''}"
    known = request.if_none_match.contains_weak(etag)
    response = Response(b"" if known else bytes(found["picture"]), 304 if known else 200)
    response.content_type = found["media_type"]
    response.headers.update(
        {
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'inline; filename="{sight.case.code}-{id[-4:]}.jpg"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
    )
    response.set_etag(etag)
    return response
