"""HTTP: an office's own feed, for any feed reader, with a link of ours."""

from __future__ import annotations

from hashlib import sha256

from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Call, Problem, api
from services.notify import tokens
from services.notify.feed import atom, feeding
from services.notify.wording.phrasebook import Phrasebook

PATH = "/feed/<token>"


class Feeds:
    """Mix into the service class. A token that is not ours and an office that is gone are answered alike."""

    relay: Works
    book: Phrasebook
    key: bytes
    public_url: str

    @api("GET", PATH, "What an office is told, newest first", media_type=atom.MEDIA_TYPE, problems=("not-found",))
    def feed(self, call: Call, token: str) -> Response:
        """304 where the reader has it: `ETag` says so exactly, `Last-Modified` to the second."""
        office, found = tokens.office_of(self.key, token), None
        if office is not None:
            with self.relay.database.read() as connection:
                address = tokens.feed_address(self.public_url, self.key, office)
                found = feeding.feed(connection, office, self.public_url, address, self.book)
        if found is None:
            raise Problem("not-found", "This link is no feed (any more). Ask the operator for the one that holds.")
        text = atom.document(found)
        response = Response(text, content_type=f"{atom.MEDIA_TYPE}; charset=utf-8")
        response.set_etag(sha256(text).hexdigest()[:32])
        response.last_modified = found.updated
        response.headers["Cache-Control"] = "private, no-cache"  # kept, and asked about each time
        return response.make_conditional(call.request)
