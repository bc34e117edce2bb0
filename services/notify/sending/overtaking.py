"""No old news after newer: which messages the next one about the same report takes the place of. Rules alone."""

from __future__ import annotations

from collections.abc import Mapping

#: The messages that say what no later one repeats. They are sent however late, and take no other's place.
ASIDE: Mapping[str, str] = {
    "ticket-opened-reporter": "holds the code and the key",
    "note-added-reporter": "somebody wrote something",
    "note-added-office": "somebody wrote something",
    "referral-opened-reporter": "says which agency was given what",
    "referral-opened-coordinator": "says which agency was given what",
    "referral-answered-reporter": "says what the agency answered",
    "referral-answered-office": "says what the agency answered",
    "referral-packaged-agency": "is what the agency was promised",
    "ticket-paused-reporter": "says why nothing happens, and until when",
}


def is_old(template: str, version: int | None, newest: int | None) -> bool:
    """Whether a message that tells of this version of the report is old news to who was told of ``newest``.

    ``newest`` counts no message of those aside. A version of None is not known: it was recorded by an older release.
    """
    return template not in ASIDE and version is not None and newest is not None and version < newest
