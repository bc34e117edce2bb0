"""notify: who must be told, over which channel, and whether it arrived."""

from __future__ import annotations

from typing import cast

from estafet.events import Event
from estafet.relay.extensions import Relay, Tidying, every, from_settings, subscribe
from estafet.relay.work import Work, Works
from estafet.secretkey import server_key
from estafet.web.probes import Probes
from services.notify import handlers
from services.notify.channels import configured
from services.notify.feed.http import Feeds
from services.notify.preferences.http import Preferences
from services.notify.preferences.http_choosing import Choosing
from services.notify.preferences.http_stopping import Stopping
from services.notify.providers import Sending, Webhooks, book_of, letterbox_of
from services.notify.receipts import bouncing
from services.notify.receipts.http import Callbacks
from services.notify.receipts.http_formats import ProvidersFormats
from services.notify.sending.sender import Sender
from services.notify.webhooks import tidying
from services.notify.webhooks.notices import send_notices
from services.notify.webhooks.sender import Sender as WebhookSender


class Notify(Stopping, Callbacks, ProvidersFormats, Feeds, Choosing, Preferences, Probes, Tidying):
    name = "notify"
    about = "Who must be told, over which channel, and whether it arrived."
    relay = cast(Works, Relay())
    sender = cast(Sender, Sending())
    webhooks = cast(WebhookSender, Webhooks())
    #: By which the owners of webhooks are written to.
    owners = from_settings(configured.mail)
    letterbox = from_settings(letterbox_of)
    book = from_settings(book_of)
    #: What the tokens of callbacks are derived from; None: no provider is heard.
    callback_key = from_settings(lambda settings: settings.callback_key)
    formats = from_settings(configured.own_formats)
    public_url = from_settings(lambda settings: settings.public_url)
    key = from_settings(server_key)

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
