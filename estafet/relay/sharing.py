"""Acts asked for at the same time share a transaction: a commit costs as much for one as for many."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from estafet.relay.database import is_infrastructure

if TYPE_CHECKING:
    from estafet.relay.work import Work, Works

Made = TypeVar("Made")

#: Acts of one transaction, at most.
MOST = 50

#: An act, and what it made or raised once it has ended.
_Asked = tuple[Callable[["Work"], Any], Future[Any]]


class Sharing:
    """Whoever asks while a transaction is under way waits for its end, and goes into the next with all who wait.

    An act must be one that can be done again: when any of them fails, each is done in a transaction of its own, and
    what it raises is its own.
    """

    def __init__(self, works: Works) -> None:
        self._works = works
        self._waiting: deque[_Asked] = deque()
        self._turn = threading.Lock()

    def do(self, act: Callable[[Work], Made]) -> Made:
        """What the act answers, once it is committed."""
        mine: Future[Made] = Future()
        self._waiting.append((act, mine))
        with self._turn:
            while not mine.done():
                self._together([self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))])
        return mine.result()

    def _together(self, some: Sequence[_Asked]) -> None:
        """When this returns or raises, all of them have ended."""
        try:
            self._try(some)
        finally:
            for _, made in some:
                if not made.done():
                    made.set_exception(RuntimeError("whoever did it for all was ended"))

    def _try(self, some: Sequence[_Asked]) -> None:
        try:
            with self._works.begin() as work:
                answers = [act(work) for act, _ in some]
        except Exception as error:
            if len(some) > 1 and not is_infrastructure(error):
                for each in some:
                    self._try([each])
                return
            # Of a database that is away nobody knows whether it committed: nothing is done again on a guess.
            for _, made in some:
                made.set_exception(error)
        else:
            for (_, made), answer in zip(some, answers, strict=True):
                made.set_result(answer)
