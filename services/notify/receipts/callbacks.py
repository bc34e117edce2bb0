"""What a provider says, later, of a message it took: that it arrived, or that it could not be delivered after all.

Callbacks come twice, late and in any order. Each is compared with how the delivery stands: what ended for good stays,
and a provider is heard on nothing but what it has.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate
from sqlalchemy import bindparam, select, update

from estafet.events.fields import line
from estafet.relay.work import Work
from estafet.web.schemas import Input
from services.notify import marks, states
from services.notify.channels.channel import channel_of
from services.notify.deliveries import Delivery, delivery_of
from services.notify.marks import Mark
from services.notify.sending import digests, results
from services.notify.sending.routes import routes
from services.notify.sending.writing import know
from services.notify.tables import deliveries

#: The class of error of what a provider could not deliver after all.
ERROR = "callback"

_WANTED = select(deliveries).where(deliveries.c.id == bindparam("wanted")).with_for_update()


class Callback(Schema):
    """Other fields are passed over: providers add their own."""

    class Meta:
        unknown = EXCLUDE

    #: The message's id, as the provider was given it.
    id = line(64, 1, required=True)
    state = fields.String(required=True, validate=validate.OneOf(states.SAID))


class CallbackQuery(Input):
    token = line(64, 64)


def token(key: str, provider: str) -> str:
    """What this provider shows: derived from our key, so that one provider's is of no use to another."""
    return hmac.digest(key.encode(), f"callback:{provider}".encode(), hashlib.sha256).hex()


def is_good(shown: str | None, key: str | None, provider: str) -> bool:
    """Whether the token is this provider's. Without a key nobody's is."""
    if not shown or not key:
        return False
    return hmac.compare_digest(shown.encode(), token(key, provider).encode())


def hear(
    work: Work, provider: str, id: str, said: str, texts: Sequence[str], error: str | None = ERROR, mark: bool = True
) -> None:
    """Record what ``provider`` says of a message. What it has no say in, or what says nothing new, changes nothing.

    Of what bounced the next channel is tried, if there is one. ``error``: the class of error of what failed; ``mark``:
    whether a permanent failure says that the address is none.
    """
    row = work.connection.execute(_WANTED, {"wanted": id}).one_or_none()
    if row is None or not states.may_follow(row.state, said):
        return
    channel = channel_of(provider)
    delivery = delivery_of(row)
    if not _has(provider, channel, row.state, delivery):
        return
    error = None if said == states.DELIVERED else error
    bounced = said == states.PERMANENT and delivery.audience == "reporter"
    if bounced and _passed_on(work, delivery, channel, texts, str(error), mark):
        return
    ended = {"state": said, "channel": channel, "provider": provider, "error": error, "ended_at": work.now}
    _change(work, id, **ended, next_attempt=None)
    for told in digests.told(work.connection, [delivery], said, channel, work.now, provider=provider, error=error):
        results.publish(work, told, said, channel, error)


def _has(provider: str, channel: str, state: str, delivery: Delivery) -> bool:
    """Whether the provider has the message: it took it or may have, or has it just in this moment."""
    if delivery.provider is None:
        return state == states.SENDING and channel not in delivery.passed
    return delivery.provider == provider


def _passed_on(work: Work, delivery: Delivery, channel: str, texts: Sequence[str], error: str, mark: bool) -> bool:
    """Mark the address that bounced; whether there is another way to the reader, which is taken then."""
    knowledge = know(work.connection, [delivery], texts, work.now)
    contact = knowledge.contacts.get(delivery.ticket)
    if knowledge.directory is None or contact is None:
        return False
    tried = routes(delivery, knowledge.directory, contact, texts, {})
    if mark and isinstance(tried, list):
        bounced = [Mark(each.hash, channel, error) for each in tried if each.channel == channel]
        marks.keep(work.connection, bounced, work.now)
    passed = (*delivery.passed, channel)
    left = routes(replace(delivery, passed=passed), knowledge.directory, contact, texts, knowledge.marked)
    if not isinstance(left, list):
        return False
    again = {"state": states.CREATED, "next_attempt": work.now, "ended_at": None, "provider": None}
    _change(work, delivery.id, **again, error=error, passed=",".join(passed))
    digests.tell_again(work.connection, delivery)
    return True


def _change(work: Work, id: str, **values: Any) -> None:
    """Any claim ends: a sender that comes back late records nothing."""
    work.connection.execute(update(deliveries).where(deliveries.c.id == id).values(claim=None, **values))
