"""What notify is given to work with: its senders, its words, its mailbox, each as the settings say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from estafet.relay import watch
from estafet.relay.extensions import Engine, settings_of
from estafet.secretkey import server_key
from estafet.settings import SettingError, Settings, default_city
from services.notify.channels import configured
from services.notify.receipts.letterbox import Letterbox, place_of
from services.notify.sending.sender import Sender
from services.notify.webhooks.guard import Guard
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
    """The mailbox that bounces come to; None: somebody else looks into it."""
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
