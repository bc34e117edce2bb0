"""Acts asked for at the same time share a transaction: a commit costs as much for one as for many."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from estafet.relay.database import is_infrastructure

if TYPE_CHECKING:
    from estafet.relay.work import Work, Works

Made = TypeVar("Made")

#: Acts of one transaction, at most.
MOST = 50


class _Asked(Generic[Made]):
    """An act, and then what it made or raised."""

    def __init__(self, act: Callable[[Work], Made]) -> None:
        self.act = act
        self.made: list[Made] = []
        self.raised: BaseException | None = None

    @property
    def ended(self) -> bool:
        return bool(self.made) or self.raised is not None

    def answer(self) -> Made:
        if self.raised is not None:
            raise self.raised
        return self.made[0]


class Sharing:
    """Whoever asks while a transaction is under way waits for its end, and goes into the next with all who wait.

    An act must be one that can be done again: when any of them fails, each is done in a transaction of its own, and
    what it raises is its own.
    """

    def __init__(self, works: Works) -> None:
        self._works = works
        self._waiting: deque[_Asked[Any]] = deque()
        self._turn = threading.Lock()

    def do(self, act: Callable[[Work], Made]) -> Made:
        """What the act answers, once it is committed."""
        mine = _Asked(act)
        self._waiting.append(mine)
        with self._turn:
            while not mine.ended:
                self._together([self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))])
        return mine.answer()

    def _together(self, some: Sequence[_Asked[Any]]) -> None:
        """When this returns or raises, all of them have ended."""
        try:
            self._try(some)
        finally:
            for each in some:
                if not each.ended:
                    each.raised = RuntimeError("whoever did it for all was ended")

    def _try(self, some: Sequence[_Asked[Any]]) -> None:
        try:
            with self._works.begin() as work:
                made = [each.act(work) for each in some]
        except Exception as error:
            if len(some) > 1 and not is_infrastructure(error):
                for each in some:
                    self._try([each])
                return
            # Of a database that is away nobody knows whether it committed: nothing is done again on a guess.
            for each in some:
                each.raised = error
        else:
            for each, one in zip(some, made, strict=True):
                each.made.append(one)
