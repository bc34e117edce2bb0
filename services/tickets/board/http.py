"""HTTP: the public board as JSON, and as a table."""

from __future__ import annotations

from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider
from werkzeug.wrappers import Response

from estafet.relay.extensions import every
from estafet.relay.work import Works
from estafet.web import Answer, Call, api
from estafet.web.server import HttpRequest
from services.tickets import learning
from services.tickets.access.sight import BASE, answered
from services.tickets.board import answers, dating, queries, reckoning
from services.tickets.board.figures import Board
from services.tickets.board.keeping import FRESH, Boards


class Keeping(DependencyProvider):
    """Gives the service the boards of this process."""

    def __init__(self) -> None:
        self._boards = Boards()

    def get_dependency(self, worker_ctx: WorkerContext) -> Boards:
        return self._boards


class Boarding:
    """Mix into a class whose methods show the board."""

    relay: Works
    boards: Boards

    def board(self, days: int) -> Board:
        """The board of the last ``days``, at most a minute old."""
        return self.boards.board(days, lambda: self._count(days))

    def _count(self, days: int) -> Board:
        now = self.relay.clock.now()
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            since, today = reckoning.since(now, days), reckoning.today(now, city)
            counted = queries.count(connection, since, now, today, reckoning.districts(city))
        return reckoning.board(counted, city, days, now)


class PublicBoard(Boarding):
    @api(
        "GET",
        f"{BASE}/board",
        "How reports go in the city: by category, area and office, and the index of satisfaction",
        query=answers.BoardQuery,
        answer=answers.BoardView,
    )
    def read_board(self, call: Call) -> Any:
        board = self.board(call.query["days"])
        headers = caching(answers.tag(board, "json"))
        return unchanged(call.request, headers) or Answer(board, headers=headers)

    @api(
        "GET",
        "/board.csv",
        "The same, a figure a line (CSV)",
        query=answers.BoardQuery,
        media_type="text/csv",
    )
    def read_table(self, call: Call) -> Response:
        board = self.board(call.query["days"])
        headers = caching(answers.tag(board, "csv"))
        name = f"estafet-{board.time:%Y-%m-%d}-{board.days}.csv"
        return unchanged(call.request, headers) or Response(
            answers.table(board),
            headers={**headers, "Content-Disposition": f'attachment; filename="{name}"'},
            content_type="text/csv; charset=utf-8",
        )

    @every(seconds=3600)
    def note_resolutions(self) -> None:
        dating.note(self.relay)


def caching(tag: str) -> dict[str, str]:
    """What lets browsers and whoever stands between keep an answer for as long as a board is kept here."""
    return {"Cache-Control": f"public, max-age={FRESH}", "ETag": f'W/"{tag}"'}


def unchanged(request: HttpRequest, headers: dict[str, str]) -> Response | None:
    """The answer to whoever has it already."""
    tag = headers["ETag"].removeprefix('W/"').rstrip('"')
    return Response(status=304, headers=headers) if request.if_none_match.contains_weak(tag) else None
