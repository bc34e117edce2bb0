"""What a channel is: something that takes letters and says what became of each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

from services.notify.wording.rendering import Wording

#: The channel of letters, as routes name it: over SMTP, or into the folder.
EMAIL = "email"
#: The channel whose addresses are ids of chats: whoever has one wrote to the city's bot there.
TELEGRAM = "telegram"
#: Those whose addresses are telephone numbers.
WHATSAPP, SMS = "whatsapp", "sms"
#: All that ring beside a reader's bed, in the order in which a reader is reached.
TEXTS = (TELEGRAM, WHATSAPP, SMS)
#: An office's own feed, which needs no address: what the office is told stands there by itself.
FEED = "feed"


class Fate(Enum):
    SENT = "sent"
    #: It arrived.
    DELIVERED = "delivered"
    #: Not now: tried again later.
    LATER = "later"
    #: It may have gone: tried again later, by the same provider alone.
    UNSURE = "unsure"
    #: Not tried, since it is not its turn; that is no attempt.
    HELD = "held"
    #: Not now, and not for anybody else either: the rest of the batch need not be tried.
    AWAY = "away"
    #: Never over this channel.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter, and, unless it was sent, a class of error that tells nothing about the reader.

    Attributes:
        provider: which of the channel's providers said so, or may have the letter.
        bounced: the address itself is no good.
        wait: of what is held, seconds until its turn.
    """

    fate: Fate
    error: str | None = None
    provider: str | None = None
    bounced: bool = False
    wait: float = 0.0


SENT = Outcome(Fate.SENT)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message in words, to one address.

    Attributes:
        id: of the delivery; a letter sent again has the same.
        ticket: the report's code, for names a person may look for.
        recipient: the office's code, or ``reporter``.
        locale: language of the text, a tag of RFC 5646.
        written_at: when the delivery was recorded; the same however often it is sent.
        stop: where the reader stops everyday letters about the report; None: they are the reader's duty.
        channel: over which it goes.
        link: the report's page, for channels that have room for little else.
        provider: the one that may have it already.
        due: when its turn over this channel is.
        proof: that we made it, for its Message-ID; None: nobody need know by what comes back.
    """

    id: str
    ticket: str
    recipient: str
    address: str = field(repr=False)
    name: str | None = field(repr=False)
    wording: Wording = field(repr=False)
    locale: str
    written_at: datetime
    stop: str | None = field(default=None, repr=False)
    channel: str = EMAIL
    link: str = field(default="", repr=False)
    provider: str | None = None
    due: datetime | None = None
    proof: str | None = field(default=None, repr=False)


def channel_of(provider: str) -> str:
    """The channel of a provider by its name: ``sms`` of ``sms-2``."""
    return provider.rpartition("-")[0]


#: Sends one letter. It does not raise: what goes wrong with the channel is an outcome.
Post = Callable[[Letter], Outcome]


class Line(Protocol):
    """A way to send: a channel, or one of its providers."""

    def open(self) -> AbstractContextManager[Post]:
        """For one batch: whatever connection it needs is closed at its end."""


class Channel(Line, Protocol):
    @property
    def name(self) -> str:
        """As ``notification.sent`` names it."""

    @property
    def few(self) -> int:
        """Letters until what became of them is recorded: a sender that is killed leaves as many to be sent again."""

    def forget(self, ticket: str, letters: Collection[str]) -> None:
        """Remove our own copies of letters about a report, if there are any: their ids are deliveries'."""
