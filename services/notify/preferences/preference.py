"""How a reader wishes to be told: in which language, over which channel, at once or once a day, and not at night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time

from services.notify.channels.channel import EMAIL, TEXTS
from services.notify.messages import REPORTER

#: What quiet hours begin with that hold for text messages alone.
_TEXTS = "texts "


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of every day, on the city's clocks, in which nothing everyday is sent; they may reach past midnight. From
    an hour to the same hour is no time at all.

    ``texts``: letters are, and only text messages are not.
    """

    begins: time
    ends: time
    texts: bool = False

    def __contains__(self, hour: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends

    def __str__(self) -> str:
        return f"{_TEXTS if self.texts else ''}{self.begins:%H:%M}-{self.ends:%H:%M}"

    def hold(self, channel: str) -> bool:
        """Whether they hold for messages over this channel."""
        return not self.texts or channel in TEXTS


@dataclass(frozen=True, slots=True)
class Preference:
    """What one reader wishes.

    Attributes:
        channel: which one first; None: in the order that the rules have.
        language: ``id`` or ``en``; None: the one the report came in, for an office the city's.
        digest: the hour, on the city's clocks, of one message a day with all that happened; None: each at once.
        quiet: None: at any hour.
    """

    channel: str | None = None
    language: str | None = None
    digest: time | None = None
    quiet: Quiet | None = None


#: The channels that one can wish for.
CHANNELS = (EMAIL, *TEXTS)

#: A letter wakes nobody; a citizen's telephone rings beside the bed.
OFFICE = Preference()
CITIZEN = Preference(quiet=Quiet(time(21), time(6), texts=True))


def reader(recipient: str, ticket: str) -> str:
    """Whose preferences hold for a message: an office's by its code, a reporter's by the report's."""
    return ticket if recipient == REPORTER else recipient


def wish_of(recipient: str, ticket: str, known: Mapping[str, Preference]) -> Preference:
    """The reader's own; else, for a reporter, those that the operator has set for all of them; else the usual."""
    own = known.get(reader(recipient, ticket))
    if own is not None or recipient != REPORTER:
        return own or OFFICE
    return known.get(REPORTER, CITIZEN)


def over(channel: str, preference: Preference) -> Preference:
    """What of the wish holds for messages over this channel."""
    hours = preference.quiet
    return preference if hours is None or hours.hold(channel) else replace(preference, quiet=None)


def texts(preference: Preference) -> dict[str, str | None]:
    """As people read and write it: every part a text, or None."""
    return {
        "channel": preference.channel,
        "language": preference.language,
        "digest": f"{preference.digest:%H:%M}" if preference.digest is not None else None,
        "quiet": str(preference.quiet) if preference.quiet else None,
    }


def from_texts(given: Mapping[str, str | None]) -> Preference:
    """What :func:`texts` says.

    Raises:
        ValueError: an hour is none.
    """
    digest, hours = given["digest"], given["quiet"]
    return Preference(
        channel=given["channel"],
        language=given["language"],
        digest=hour(digest) if digest else None,
        quiet=quiet(hours) if hours else None,
    )


def hour(text: str) -> time:
    """``07:00`` as a time.

    Raises:
        ValueError: it is none. The message says how one is written.
    """
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or f"{found:%H:%M}" != text:
        raise ValueError(f"an hour is written as 07:00, not {text}")
    return found


def quiet(text: str) -> Quiet:
    """``21:00-06:00`` as quiet hours, ``texts 21:00-06:00`` as some for text messages alone.

    Raises:
        ValueError: they are none. The message says how they are written.
    """
    begins, dash, ends = text.removeprefix(_TEXTS).partition("-")
    if not dash:
        raise ValueError(f"quiet hours are written as 21:00-06:00 or texts 21:00-06:00, not {text}")
    return Quiet(hour(begins), hour(ends), texts=text.startswith(_TEXTS))
