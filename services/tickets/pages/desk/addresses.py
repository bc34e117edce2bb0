"""Where the pages of a desk are."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

#: Everything that needs a sign-in lives below; its cookies go nowhere else.
BASE = "/desk"
SIGN_IN = f"{BASE}/sign-in"
#: Where the city's identity provider sends people back to.
BACK = f"{SIGN_IN}/city/back"


def place_of(code: str) -> str:
    """Where a report lies on a desk."""
    return f"{BASE}/t/{code}"


def list_address(which: str, q: str = "", category: str | None = None, cursor: str | None = None) -> str:
    """Where a list is: what is looked at stands in the address, so that it can be kept as a bookmark."""
    query = {"list": which, "q": q, "category": category, "cursor": cursor}
    return f"{BASE}?{urlencode({name: text for name, text in query.items() if text})}"


def after(text: Any) -> str:
    """Where to go after the sign-in: a page of the desk, and nowhere else."""
    goal = str(text or "")
    inside = goal == BASE or goal.startswith((f"{BASE}/", f"{BASE}?"))
    return goal if inside and goal.isascii() and goal.isprintable() and "\\" not in goal else BASE
