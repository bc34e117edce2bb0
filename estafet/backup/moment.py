"""One moment for several databases, while the system runs.

A message is handled in one database because another database has its event. Were one copied a second after the other,
it could know of events that the other does not have. So all are told to keep still, which lets those who handle a
message commit and makes the next wait; then each is frozen; then they go on. Whatever a frozen database has heard was
committed by its publisher before anything was frozen. Nobody waits longer than it takes to begin a few transactions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from estafet.backup.errors import Busy, Unfit
from estafet.backup.store import Frozen, Store

#: How often we ask, and seconds between: whoever handles messages goes first.
_TRIES = 60
_PAUSE = 0.3


@contextmanager
def one_moment(stores: Sequence[Store]) -> Iterator[Mapping[str, Frozen]]:
    """Every database as of the same moment, by its service.

    Raises:
        Unfit: somebody is always at work in one of them.
    """
    with ExitStack() as frozen:
        yield _freeze(stores, frozen)


def _freeze(stores: Sequence[Store], frozen: ExitStack) -> Mapping[str, Frozen]:
    for _ in range(_TRIES):
        try:
            with ExitStack() as still:
                for store in stores:
                    still.enter_context(store.still())
                return {store.service: frozen.enter_context(store.frozen()) for store in stores}
        except Busy:
            time.sleep(_PAUSE)
    raise Unfit("The databases never kept still for half a second: try again when less is going on.")
