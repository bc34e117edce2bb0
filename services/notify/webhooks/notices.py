"""The letter to an endpoint's owner when it was switched off because it did not answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from estafet.relay.work import Works
from services.notify.channels.channel import Channel, Fate, Letter
from services.notify.webhooks import endpoints
from services.notify.webhooks.endpoints import Endpoint
from services.notify.wording.plain import one_line
from services.notify.wording.rendering import Wording

_log = structlog.get_logger(__name__)

_FOLDER = Path(__file__).parent / "wording"
#: We do not know which language an owner reads: the city's first, then the other.
_LANGUAGES = ("id", "en")

#: Before another try, when the mail server does not take it for now; and when to leave it.
AGAIN = timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(days=3)


def send_notices(works: Works, channel: Channel) -> int:
    """Write to those whose endpoint was switched off; answers how many letters were sent.

    Each is put off before it is sent, so that two senders do not write the same one at the same time.
    """
    with works.database.read() as connection:
        if not endpoints.due_notices(connection, works.clock.now()):
            return 0
    with works.begin() as work:
        due = endpoints.due_notices(work.connection, work.now)
        endpoints.put_off_notice(work.connection, [each.id for each in due], work.now + AGAIN)
    settled = []
    sent = 0
    with channel.open() as post:
        for each in due:
            outcome = post(_letter(each, works.clock.now()))
            sent += outcome.fate is Fate.SENT
            if outcome.fate is not Fate.SENT:
                _log.warning("an owner could not be told", endpoint=each.id, error=outcome.error)
            if outcome.fate in (Fate.SENT, Fate.FAILED) or _is_old(each, works.clock.now()):
                settled.append(each.id)
    with works.begin() as work:
        endpoints.put_off_notice(work.connection, settled, None)
    return sent


def _is_old(endpoint: Endpoint, now: datetime) -> bool:
    return endpoint.off_at is None or now - endpoint.off_at > GIVE_UP_AFTER


def _letter(endpoint: Endpoint, now: datetime) -> Letter:
    off_at = endpoint.off_at or now
    return Letter(
        id=f"{endpoint.id}.{off_at:%Y%m%d%H%M%S}",
        ticket="webhook",
        recipient="owner",
        address=endpoint.owner,
        name=None,
        wording=wording(endpoint),
        locale=_LANGUAGES[0],
        written_at=off_at,
    )


def wording(endpoint: Endpoint) -> Wording:
    """The letter in both languages, one after the other. The URL ends before ``?``: what is behind may be a secret."""
    facts = {"id": endpoint.id, "url": one_line(endpoint.url.partition("?")[0])}
    texts = [(_FOLDER / f"{language}.txt").read_text("utf-8").format(**facts) for language in _LANGUAGES]
    subject = " / ".join(text.partition("\n")[0] for text in texts)
    return Wording(subject, "\n\n".join(text.partition("\n")[2].strip() for text in texts) + "\n")
