"""What readers may wish, as it is written and read; and whose wish holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.messages import REPORTER
from services.notify.preferences.preference import (
    CHANNELS,
    CITIZEN,
    OFFICE,
    Preference,
    from_texts,
    hour,
    over,
    quiet,
    texts,
    wish_of,
)
from services.notify.wording.vocabulary import LOCALES
from tests.unit.notify.sending.test_timing import hours, quiets

wishes = st.builds(
    Preference,
    channel=st.none() | st.sampled_from(CHANNELS),
    language=st.none() | st.sampled_from(LOCALES),
    digest=st.none() | hours,
    quiet=st.none() | st.builds(replace, quiets, texts=st.booleans()),
)


@given(wishes)
def test_a_wish_is_read_as_it_was_written(wish: Preference) -> None:
    assert from_texts(texts(wish)) == wish


@pytest.mark.parametrize("text", ["", "7", "7:00", "24:00", "07:00:00", "07:00+01:00", "siang", "07.00"])
def test_what_is_no_hour_is_told_how_one_is_written(text: str) -> None:
    with pytest.raises(ValueError, match="07:00"):
        hour(text)
    for hours_ in (f"{text}-06:00", f"21:00-{text}", text):
        with pytest.raises(ValueError, match="00"):
            quiet(hours_)


@given(st.times())
def test_from_an_hour_to_the_same_hour_is_no_time_at_all(moment: time) -> None:
    assert moment not in quiet("06:00-06:00")


@given(wishes, st.sampled_from(CHANNELS))
def test_quiet_hours_for_texts_hold_up_no_letter_and_change_nothing_else(wish: Preference, channel: str) -> None:
    held = wish.quiet is not None and not (wish.quiet.texts and channel == "email")
    assert over(channel, wish) == replace(wish, quiet=wish.quiet if held else None)


def test_unless_somebody_asked_for_it_a_reporters_letters_come_at_night_and_telephones_are_silent() -> None:
    assert over("email", wish_of(REPORTER, "T", {})).quiet is None
    for channel in ("sms", "whatsapp"):
        assert over(channel, wish_of(REPORTER, "T", {})).quiet == quiet("texts 21:00-06:00")


def test_whose_wish_holds() -> None:
    one, all_ = Preference(digest=time(7)), Preference(language="en")
    assert wish_of("lake", "T", {}) == OFFICE
    assert wish_of("lake", "T", {"T": one, REPORTER: all_}) == OFFICE
    assert wish_of("lake", "T", {"lake": one}) == one
    assert wish_of(REPORTER, "T", {}) == CITIZEN
    assert wish_of(REPORTER, "T", {REPORTER: all_}) == all_
    assert wish_of(REPORTER, "T", {"T": one, REPORTER: all_}) == one
    assert wish_of(REPORTER, "", {REPORTER: all_}) == all_
