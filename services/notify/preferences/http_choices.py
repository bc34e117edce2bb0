"""HTTP: the page behind the link in every letter, where its reader chooses how to be told."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from estafet.browsers import page_headers
from estafet.relay.work import Works
from estafet.web import Call, api
from services.notify import tokens
from services.notify.preferences import choosing, preferring, readers
from services.notify.preferences.choosing import Reader
from services.notify.preferences.forms import PAGE, Form, require_ours
from services.notify.sending.sender import Sender
from services.notify.wording.phrasebook import Phrasebook
from services.notify.wording.vocabulary import LOCALES, OFFICE_LOCALE

_PATH = "/preferences/<token>/page"
_HTML = "text/html"
_HEADERS = page_headers("'unsafe-inline'", files=False)


class Choices:
    """Mix into the service class. A link of nobody (any more) is answered alike, whatever is wrong with it."""

    relay: Works
    book: Phrasebook
    sender: Sender
    key: bytes

    @api("GET", _PATH, "Choose how to be told", media_type=_HTML, dialect=PAGE)
    def show_choices(self, call: Call, token: str) -> Response:
        with self.relay.database.read() as connection:
            _, reader = self._reader(connection, token)
        return _page(choosing.page(reader, self.book)) if reader else self._gone(call)

    @api("POST", _PATH, "Keep what was chosen", body=Form, media_type=_HTML, dialect=PAGE)
    def keep_choices(self, call: Call, token: str) -> Response:
        """Answered with the page, as it holds now. Once is as good as twice."""
        require_ours(call.request, self.sender.public_url)
        with self.relay.begin() as work:
            code, reader = self._reader(work.connection, token)
            if reader is None:
                return self._gone(call)
            wish, wrong = choosing.chosen(call.body, reader)
            if wrong:
                return _page(choosing.page(replace(reader, wish=wish), self.book, wrong=wrong), status=422)
            preferring.keep(work.connection, code, wish, work.now)
        return _page(choosing.page(choosing.in_language(reader, wish), self.book, saved=True))

    def _reader(self, connection: Connection, token: str) -> tuple[str, Reader | None]:
        code = tokens.reader_of(self.key, token) or ""
        return code, readers.known(connection, code, self.sender.texts)

    def _gone(self, call: Call) -> Response:
        locale = call.request.accept_languages.best_match(LOCALES, OFFICE_LOCALE)
        return _page(choosing.gone(locale, self.book), status=404)


def _page(text: str, status: int = 200) -> Response:
    return Response(text, status=status, headers=_HEADERS, content_type=f"{_HTML}; charset=utf-8")
