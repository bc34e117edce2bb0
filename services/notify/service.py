"""notify: who must be told, over which channel, and whether it arrived."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from estafet.events import Event
from estafet.relay import watch
from estafet.relay.extensions import Engine, FromSettings, Relay, Tidying, every, settings_of, subscribe
from estafet.relay.work import Work, Works
from estafet.secretkey import server_key
from estafet.settings import SettingError, Settings, default_city
from estafet.web.probes import Probes
from services.notify import handlers
from services.notify.channels import configured
from services.notify.channels.channel import Channel
from services.notify.feed.http import Feeds
from services.notify.preferences.http import Preferences
from services.notify.preferences.http_choosing import Choosing
from services.notify.preferences.http_stopping import Stopping
from services.notify.receipts import bouncing
from services.notify.receipts.formats import Format
from services.notify.receipts.http import Callbacks
from services.notify.receipts.http_formats import ProvidersFormats
from services.notify.receipts.letterbox import Letterbox, place_of
from services.notify.sending.sender import Sender
from services.notify.webhooks import tidying
from services.notify.webhooks.guard import Guard
from services.notify.webhooks.notices import send_notices
from services.notify.webhooks.posting import Poster
from services.notify.webhooks.sender import Sender as WebhookSender
from services.notify.wording.phrasebook import Phrasebook, WordingError
from services.notify.wording.proof import prove

#: Seconds that webhooks in flight are given when the service ends; the others are sent again.
_LAST_ANSWERS = 3.0


def book_of(settings: Settings) -> Phrasebook:
    """The city's words, with which every letter was written once.

    Raises:
        SettingError: one could not be; each fault by file and line.
    """
    return _proved(settings.wording or default_city() / "wording")


@cache
def _proved(folder: Path) -> Phrasebook:
    try:
        return prove(folder)
    except WordingError as error:
        raise SettingError(f"the wording in {folder} (ESTAFET_WORDING) must be corrected:\n{error}") from error


def letterbox_of(settings: Settings) -> Letterbox | None:
    return Letterbox(place_of(settings.bounces_url), settings.tls_ca) if settings.bounces_url else None


class Sending(DependencyProvider):
    """Gives the service its :class:`Sender`. A provider that cannot be one stops the service at its start."""

    container: Any
    engine = Engine()

    def setup(self) -> None:
        self._settings = settings_of(self.container)
        self._mail = configured.mail(self._settings)
        self._texts = configured.texts(self._settings)
        self._book = book_of(self._settings)
        self._key = server_key(self._settings)
        self._sender: Sender | None = None

    def get_dependency(self, worker_ctx: WorkerContext) -> Sender:
        """The process's one sender; made late, since the engine has its database only after everybody's setup."""
        if self._sender is None:
            alone, url = self._settings.embedded, self._settings.public_url
            self._sender = Sender(
                self.engine.works, self._mail, url, self._texts, alone=alone, book=self._book, key=self._key
            )
        return self._sender


class Webhooks(DependencyProvider):
    """Gives the service its sender of webhooks, which is asked to finish before the service ends."""

    container: Any
    engine = Engine()

    def setup(self) -> None:
        self._settings = settings_of(self.container)
        self._sender: WebhookSender | None = None

    def get_dependency(self, worker_ctx: WorkerContext) -> WebhookSender:
        """The process's one sender; made late, as the other is."""
        if self._sender is None:
            poster = Poster(Guard(self._settings.webhook_networks), watch.limit)
            self._sender = WebhookSender(self.engine.works, poster, alone=self._settings.embedded)
        return self._sender

    def stop(self) -> None:
        if self._sender is not None:
            self._sender.finish(_LAST_ANSWERS)


class Notify(Stopping, Callbacks, ProvidersFormats, Feeds, Choosing, Preferences, Probes, Tidying):
    name = "notify"
    about = "Who must be told, over which channel, and whether it arrived."
    relay = cast(Works, Relay())
    sender = cast(Sender, Sending())
    webhooks = cast(WebhookSender, Webhooks())
    #: By which the owners of webhooks are written to.
    owners = cast(Channel, FromSettings(configured.mail))
    #: That bounces come to; None: somebody else looks into it.
    letterbox = cast(Letterbox | None, FromSettings(letterbox_of))
    book = cast(Phrasebook, FromSettings(book_of))
    #: What the tokens of callbacks are derived from; None: no provider is heard.
    callback_key = cast(str | None, FromSettings(lambda settings: settings.callback_key))
    formats = cast(Mapping[str, Format], FromSettings(configured.own_formats))
    public_url = cast(str, FromSettings(lambda settings: settings.public_url))
    key = cast(bytes, FromSettings(server_key))

    @subscribe(prepare=handlers.learn)
    def tell(self, event: Event, work: Work) -> None:
        handlers.tell(event, work)

    @subscribe()
    def remember(self, event: Event, work: Work) -> None:
        handlers.remember(event, work, self.sender.forget)

    @every(seconds=1)
    def send(self) -> None:
        self.sender.run()

    @every(seconds=0.5)
    def send_webhooks(self) -> None:
        self.webhooks.run()

    @every(seconds=10)
    def tell_owners(self) -> None:
        send_notices(self.relay, self.owners)

    @every(seconds=60)
    def fetch_bounces(self) -> None:
        if self.letterbox is not None:
            self.letterbox.empty(lambda mail: bouncing.take(self.relay, self.key, mail, self.sender.texts))

    @every(seconds=600)
    def tidy_webhooks(self) -> None:
        tidying.tidy(self.relay)
