"""The public board as a page: for everybody, on a phone first, in tables with small bars."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Response

from services.tickets.board import answers
from services.tickets.board.figures import Board
from services.tickets.board.http import Boarding, caching, unchanged
from services.tickets.board.keeping import PERIODS
from services.tickets.pages import files
from services.tickets.pages.visit import Visit, page
from services.tickets.rating.ikm import LEAST
from services.tickets.rating.survey import ELEMENTS, SCORES


class BoardPage(Boarding):
    @page("GET", "/board", "How reports go in the city")
    def board_page(self, visit: Visit) -> Response:
        board = self.board(_days(visit.request.args.get("days")))
        headers = caching(answers.tag(board, visit.words.language, files.style("board"), files.address("pages.js")))
        response = unchanged(visit.request, headers) or visit.draw("board/board.html", **facts_of(board, visit))
        if "lang" not in visit.request.args:  # what sets a cookie is kept by nobody
            response.headers.update(headers)
        return response


def _days(text: str | None) -> int:
    """The period asked for; the shortest, when that is none of ours."""
    return next((each for each in PERIODS if text == str(each)), PERIODS[0])


def facts_of(board: Board, visit: Visit) -> dict[str, Any]:
    """What the template is given."""
    return {
        "city": board.city,
        "board": board,
        "here": f"/board?days={board.days}",
        "periods": PERIODS,
        "elements": ELEMENTS,
        "best": SCORES[-1],
        "least": LEAST,
        "day": timedelta(days=1),
        "hour": timedelta(hours=1),
    }
