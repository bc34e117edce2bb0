"""Watches the event loop: code that does not let go of it stops everything in its process.

A timeout of eventlet's ends a handler that waits. One that computes is ended by a signal, which Python and its regular
expressions look for. What looks for no signal either, in a C library, ends with its process: then the broker's delivery
limit counts. eventlet's, so for the extensions and the runner alone.
"""

from __future__ import annotations

import atexit
import faulthandler
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import eventlet
from eventlet.greenthread import getcurrent

from estafet.relay.errors import HandlerTimeout

#: Seconds a handler may take.
HANDLER_LIMIT = 5.0
#: Seconds the event loop may stand still before the process is ended.
PROCESS_LIMIT = 30
#: Seconds between signals, and what a handler that computes gets beyond its limit, at least.
_TICK = 1.0
#: Seconds between proofs of life.
_BEAT = 5.0

#: Green thread → when what it runs has to be done, and how many seconds it had.
_deadlines: dict[object, tuple[float, float]] = {}


@contextmanager
def limit(seconds: float | None = None) -> Iterator[None]:
    """Ends what is inside with HandlerTimeout when it takes longer than it may: as long as a handler, unless told."""
    me, seconds = getcurrent(), HANDLER_LIMIT if seconds is None else seconds
    _deadlines[me] = time.monotonic() + seconds, seconds
    try:
        with eventlet.Timeout(seconds, _timeout(seconds)):
            yield
    finally:
        del _deadlines[me]


def start() -> None:
    """Watch this process from now on. Called once, in the main thread."""
    signal.signal(signal.SIGALRM, _tick)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    # A signal that comes while the interpreter ends finds no handler any more, and would end the process as a failure.
    atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)
    eventlet.spawn_n(_beat)


def _tick(number: int, frame: object) -> None:
    """Runs in whichever green thread has the processor: where it waits, another has, and its Timeout is enough."""
    deadline, seconds = _deadlines.get(getcurrent(), (None, 0.0))
    if deadline is not None and time.monotonic() > deadline + _TICK:
        raise _timeout(seconds)


def _timeout(seconds: float) -> HandlerTimeout:
    return HandlerTimeout(f"took longer than {seconds:g} s")


def _beat() -> None:
    """Puts the end off, again and again. It needs neither our thread nor the interpreter, and says where we stood."""
    while True:
        faulthandler.dump_traceback_later(PROCESS_LIMIT, exit=True)
        eventlet.sleep(_BEAT)
