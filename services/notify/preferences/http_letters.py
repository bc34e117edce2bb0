"""HTTP: the link in a letter that stops everyday letters about its report (RFC 8058)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from estafet.browsers import page_headers
from estafet.relay.work import Works
from estafet.web import Call, Problem, api
from services.notify.preferences import stopped
from services.notify.wording.phrasebook import Phrasebook

_PATH = "/letters/stop/<code>/<token>"
_HTML = "text/html"
#: Its form needs no proof of where it comes from: mail programs send it, too.
_HEADERS = {**page_headers("'unsafe-inline'", files=False), "Referrer-Policy": "no-referrer"}


class Letters:
    relay: Works
    book: Phrasebook

    @api("GET", _PATH, "Ask whether to stop everyday letters about a report", media_type=_HTML, problems=("not-found",))
    def ask_to_stop(self, call: Call, code: str, token: str) -> Response:
        """Stops nothing: whoever looks at mail for viruses follows links."""
        with self.relay.database.read() as connection:
            locale = _known(stopped.locale_of(connection, code, token))
        return _page(stopped.page(code, locale, False, self.book))

    @api("POST", _PATH, "Stop everyday letters about a report", media_type=_HTML, problems=("not-found",))
    def stop_letters(self, call: Call, code: str, token: str) -> Response:
        """What a mail program posts at a press of its own button, and the page's. Once is as good as twice."""
        with self.relay.begin() as work:
            locale = _known(stopped.locale_of(work.connection, code, token))
            stopped.stop(work.connection, code, work.now)
        return _page(stopped.page(code, locale, True, self.book))


def _known(locale: str | None) -> str:
    if locale is None:
        raise Problem("not-found", "This link stops no letters (any more). Take it from the newest letter.")
    return locale


def _page(text: str) -> Response:
    return Response(text, headers=_HEADERS, content_type=f"{_HTML}; charset=utf-8")
