"""A provider of text messages, spoken to by the package apprise, which knows more than a hundred of them.

apprise says of a message only whether it went. What we must know besides (refused, away, or unanswered, so that it may
have gone) is seen where it asks: its modules are given a `requests` that tells what came of each request. It also adds
to a request what lets the provider speak of the message later (`formats`), for which apprise has no place.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import apprise
import requests
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from services.notify.channels.channel import SENT, TELEGRAM, Fate, Letter, Outcome, Post
from services.notify.channels.provider_urls import ProviderUrl
from services.notify.receipts.formats import Tell

#: Seconds to wait for a connection, and for an answer.
CONNECT, ANSWER = 5, 15

#: Its warnings name telephone numbers.
logging.getLogger("apprise").disabled = True

_ASSET = apprise.AppriseAsset(async_mode=False, http_redirects=False)

#: Who blocked the bot, or left, is nobody's fault: 403 is what Telegram says of that, and of nothing else here.
_LEFT = Outcome(Fate.FAILED, "http-403", bounced=True)


@dataclass(slots=True)
class _Sent:
    """The letter under way: what came of each request for it, should apprise say that it did not go."""

    id: str
    tell: Tell | None
    seen: list[Outcome] = field(default_factory=list)


_sent: ContextVar[_Sent | None] = ContextVar("sent", default=None)


class Gateway:
    """One provider, by its URL as apprise writes them, with ``{to}`` where the address belongs.

    ``text`` puts a letter into the few words that fit; ``tell`` adds to a request how the provider may speak of it.
    """

    def __init__(self, provider: ProviderUrl, text: Callable[[Letter], str], tell: Tell | None = None) -> None:
        self._provider = provider
        self._text = text
        self._tell = tell

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self._post

    def _post(self, letter: Letter) -> Outcome:
        plugin = instance(self._provider.url, letter.address, letter.id)
        if plugin is None:
            return Outcome(Fate.FAILED, "bad-address")
        sent = _Sent(letter.id, self._tell)
        token = _sent.set(sent)
        try:
            went = plugin.notify(body=self._text(letter), body_format=apprise.NotifyFormat.TEXT)
        finally:
            _sent.reset(token)
        if went:
            return SENT
        outcome = sent.seen[-1] if sent.seen else Outcome(Fate.UNSURE, "unknown")
        return _LEFT if letter.channel == TELEGRAM and outcome.error == _LEFT.error else outcome


def instance(url: str, to: str, id: str) -> Any:
    """apprise's own object for one message; None: the URL is none of its, or not with this number in it."""
    filled = url.replace("{to}", quote(to, safe="")).replace("{id}", quote(id, safe=""))
    timed = f"{filled}{'&' if '?' in filled else '?'}cto={CONNECT}&rto={ANSWER}"
    plugin = apprise.Apprise.instantiate(timed, asset=_ASSET)
    if plugin is not None:
        module: Any = sys.modules[type(plugin).__module__]
        if getattr(module, "requests", None) is requests:
            module.requests = _Watched()
    return plugin


class _Watched:
    """`requests`, as apprise's modules use it: what came of each request is noted for whoever sends."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        sent = _sent.get()
        if sent is not None and sent.tell is not None:
            options = sent.tell(options, sent.id)
        try:
            response = requests.request(method, url, **options)  # noqa: S113, apprise gives a timeout
        except requests.RequestException as error:
            if sent is not None:
                sent.seen.append(of_error(error))
            raise
        if sent is not None:
            sent.seen.append(of_status(response.status_code))
        return response

    def get(self, url: str, **options: Any) -> requests.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> requests.Response:
        return self.request("PUT", url, **options)


def of_status(status: int) -> Outcome:
    """What an HTTP status says of a message that did not go, as apprise has it. After success, the body said no.

    409 is said by those who know it already, by its id. Of 504 nobody knows whether what stands behind it took the
    message. What we are not allowed, or asked of the wrong address, is the setting's fault and no reader's.
    """
    error = f"http-{status}"
    if 200 <= status < 300:
        return Outcome(Fate.LATER, "refused")
    if status == 409:
        return SENT
    if status in (408, 504):
        return Outcome(Fate.UNSURE, error)
    if status in (400, 410, 422):
        return Outcome(Fate.FAILED, error)
    return Outcome(Fate.AWAY, error)


def of_error(error: requests.RequestException) -> Outcome:
    """Without a connection nothing has gone; after that nobody knows."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError | requests.exceptions.SSLError):
        return Outcome(Fate.AWAY, "unreachable")
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError):
        return Outcome(Fate.AWAY, "unreachable")
    return Outcome(Fate.UNSURE, "unanswered")
