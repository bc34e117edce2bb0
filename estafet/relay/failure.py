"""A failure, as it is kept beside the message that met it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from sqlalchemy.exc import DataError, DBAPIError

from estafet.relay.backoff import HANGING, NOT_YET, ONCE, ORDINARY, SUSPECT, Backoff
from estafet.relay.errors import HandlerTimeout, Hopeless, NotYet, Unreadable

_LONGEST = 2000

#: The reason kept with what the broker delivered too often.
DELIVERY_LIMIT = "delivery-limit"
#: Of what is larger than is read. Only its beginning is kept, so it cannot be replayed.
TOO_LARGE = "too-large"
#: Of another message under the same source and id.
COLLISION = "collision"
#: While it is tried whether a message ended its process: it was in hand then.
IN_HAND = "in-hand"


@dataclass(frozen=True, slots=True)
class Failure:
    """What failed, where, and whether it is worth another try.

    Attributes:
        error: the exception's class, or the reason of what could not be read; short, to group by.
        detail: what it says.
        place: the function it came from, ``module:function``.
        backoff: when to try again; None: never by itself.
    """

    error: str
    detail: str
    place: str
    backoff: Backoff | None


def describe(error: Exception) -> Failure:
    """What to keep of an exception."""
    if isinstance(error, Unreadable):
        return Failure(error.reason, str(error)[:_LONGEST], "", None)
    if isinstance(error, DataError):  # a number too large for its column, say: it will not fit the next time either
        return Failure("invalid", _detail(error)[:_LONGEST], _place(error.__traceback__), None)
    name = type(error).__name__
    return Failure(name[:128], _detail(error)[:_LONGEST], _place(error.__traceback__), backoff_of(name))


_UNRETURNED = "the last attempt did not come back; before it: "


def unreturned(error: str, detail: str, place: str) -> Failure:
    """Of a message whose last attempt ended with its process: what it failed of before, said once however often."""
    return Failure(error, (_UNRETURNED + detail.removeprefix(_UNRETURNED))[:_LONGEST], place, None)


def backoff_of(error: str) -> Backoff | None:
    """How a kind of failure is tried again."""
    particular: dict[str, Backoff | None] = {
        Hopeless.__name__: None,
        NotYet.__name__: NOT_YET,
        HandlerTimeout.__name__: HANGING,
        DELIVERY_LIMIT: ONCE,  # it killed its process before
        IN_HAND: SUSPECT,
    }
    return particular.get(error, ORDINARY)


def _detail(error: Exception) -> str:
    """A database's own message can hold what people wrote ("Key (name)=(...)"): only its first sentence is kept."""
    if isinstance(error, DBAPIError):
        diagnosis = getattr(error.orig, "diag", None)
        return str(getattr(diagnosis, "message_primary", None) or error.orig).partition("\n")[0]
    return str(error)


def _place(traceback: TracebackType | None) -> str:
    """The deepest function of the service's own, else of anybody's."""
    place = deepest = ""
    while traceback is not None:
        code, module = traceback.tb_frame.f_code, traceback.tb_frame.f_globals.get("__name__", "")
        deepest = f"{module}:{code.co_qualname}"
        if "site-packages" not in code.co_filename and not module.startswith(("estafet.relay", "contextlib")):
            place = deepest
        traceback = traceback.tb_next
    return (place or deepest)[:255]
