"""Which message takes the place of which."""

from __future__ import annotations

from services.notify.sending.overtaking import ASIDE, is_old
from services.notify.wording.phrasebook import packaged


def test_old_news_is_what_a_newer_message_says_better() -> None:
    assert is_old("handoff-offered-reporter", 2, 3)
    assert not is_old("handoff-offered-reporter", 3, 3)
    assert not is_old("handoff-offered-reporter", 3, None)
    assert not is_old("handoff-offered-reporter", None, 3)
    assert not is_old("note-added-reporter", 2, 3)
    assert packaged().messages("id") >= set(ASIDE)
