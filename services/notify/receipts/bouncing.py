"""What a bounce changes: the same as a provider's word about a message it took."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from estafet.relay.work import Work, Works
from services.notify.channels.channel import EMAIL, channel_of
from services.notify.receipts import bounces, callbacks
from services.notify.receipts.bounces import Bounce, NoBounce
from services.notify.tables import deliveries

#: Who has a letter that came back before its sender had noted who took it.
_FIRST = f"{EMAIL}-1"


def take(works: Works, key: bytes, mail: bytes, texts: Sequence[str]) -> bool:
    """Record what a mail says; False: it is no bounce of ours."""
    try:
        bounce = bounces.read(mail, key)
    except NoBounce:
        return False
    with works.begin() as work:
        hear(work, bounce, texts)
    return True


def hear(work: Work, bounce: Bounce, texts: Sequence[str]) -> None:
    """Record it. ``texts``: the channels of text messages, in the order in which they are tried.

    Whichever mail server took the letter: the proof in its Message-ID says which letter it was. Once the message went
    another way, letters of before are of no account.
    """
    provider = work.connection.scalar(select(deliveries.c.provider).where(deliveries.c.id == bounce.delivery)) or _FIRST
    if bounce.state and channel_of(provider) == EMAIL:
        callbacks.hear(work, provider, bounce.delivery, bounce.state, texts, bounce.error, mark=bounce.no_mailbox)
