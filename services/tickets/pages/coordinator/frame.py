"""What stands around these pages, and who sees which."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from services.tickets.access.entitlement import Action, may, standing
from services.tickets.access.sight import refusal
from services.tickets.directory import Directory
from services.tickets.pages.desk import frame
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat


def draw(visit: Visit, seat: Seat, city: Directory, template: str, status: int = 200, **facts: Any) -> Response:
    """A page at somebody's desk, with those of the coordinator's pages that they may see."""
    roles = standing(seat.token.role)
    around = {
        "sees_convened": may(roles, Action.DESK_CONVENED) or may(roles, Action.ALL_CONVENED),
        "sees_sums": may(roles, Action.SUMS),
    }
    return frame.draw(visit, seat, city, template, status, **{**around, **facts})


def require(seat: Seat, *actions: Action) -> None:
    """Go on only if whoever sits there is entitled to one of them.

    Raises:
        Problem: ``not-entitled``.
    """
    if not any(may(standing(seat.token.role), each) for each in actions):
        raise refusal(actions[0])


def counts_confidential(seat: Seat) -> bool:
    """Whether confidential reports are in the sums they see: for whoever may read all of them."""
    return may(standing(seat.token.role), Action.ALL_CONVENED)


def office_seen(seat: Seat) -> str | None:
    """The one office whose sums they see; None: all.

    Raises:
        Problem: ``not-entitled``.
    """
    require(seat, Action.SUMS, Action.OWN_SUMS)
    return None if may(standing(seat.token.role), Action.SUMS) else seat.token.office
