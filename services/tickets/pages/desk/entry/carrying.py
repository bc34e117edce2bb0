"""A form that came when nobody sat at the desk any more goes with the sign-in, step by step, and is shown again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from estafet.web.multipart import Upload
from services.tickets.pages import guard
from services.tickets.photos.rule import FIELD as PHOTOS

#: The form's fields are carried under this.
CARRIED = "carried."
#: Of a form without any fields: that there was one.
_ALONE = CARRIED


def carried(form: Mapping[str, Any], files: Sequence[Upload] = ()) -> dict[str, str]:
    """The fields of a form, to go with the sign-in; no password, nor any code of a telephone. Of photos it is known
    how many there were: they have to be chosen again.
    """
    kept = {name: value for name, value in form.items() if value and name != guard.FIELD and not _is_secret(name)}
    if files:
        kept[PHOTOS] = len(files)
    return {_ALONE: "form", **{f"{CARRIED}{name}": str(value) for name, value in kept.items()}}


def kept_in(form: Mapping[str, Any]) -> dict[str, str]:
    """What a step of the sign-in carries."""
    return {name: str(value) for name, value in form.items() if name.startswith(CARRIED)}


def fields_of(kept: Mapping[str, str]) -> dict[str, str]:
    """The form as it was sent."""
    return {name.removeprefix(CARRIED): value for name, value in kept.items() if name != _ALONE}


def _is_secret(name: str) -> bool:
    return "password" in name or name in ("otp", "recovery")
