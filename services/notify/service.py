"""notify: who must be told, over which channel, and whether it arrived."""

from __future__ import annotations

from typing import Any, cast

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from estafet.events import Event
from estafet.relay.extensions import Engine, Relay, Tidying, every, settings_of, subscribe
from estafet.relay.work import Work, Works
from estafet.secretkey import server_key
from estafet.settings import Settings
from estafet.web.probes import Probes
from services.notify import handlers
from services.notify.channel import Channel
from services.notify.folder import Folder
from services.notify.http_preferences import Preferences
from services.notify.sending import Sender
from services.notify.smtp import Smtp, server_of


class Sending(DependencyProvider):
    """Gives the service its :class:`Sender`. A mail server that cannot be one stops the service at its start."""

    container: Any
    engine = Engine()

    def setup(self) -> None:
        self._settings = settings_of(self.container)
        self._channel = channel_of(self._settings)
        self._sender: Sender | None = None

    def get_dependency(self, worker_ctx: WorkerContext) -> Sender:
        """The process's one sender; made late, since the engine has its database only after everybody's setup."""
        if self._sender is None:
            alone, url = self._settings.embedded, self._settings.public_url
            self._sender = Sender(self.engine.works, self._channel, url, alone=alone)
        return self._sender


class ServerKey(DependencyProvider):
    """Gives the service the key that it signs links with."""

    container: Any

    def setup(self) -> None:
        self._key = server_key(settings_of(self.container))

    def get_dependency(self, worker_ctx: WorkerContext) -> bytes:
        return self._key


class Notify(Preferences, Probes, Tidying):
    name = "notify"
    about = "Who must be told, over which channel, and whether it arrived."
    relay = cast(Works, Relay())
    sender = cast(Sender, Sending())
    key = cast(bytes, ServerKey())

    @subscribe(prepare=handlers.learn)
    def tell(self, event: Event, work: Work) -> None:
        handlers.tell(event, work)

    @subscribe()
    def remember(self, event: Event, work: Work) -> None:
        handlers.remember(event, work, self.sender.forget)

    @every(seconds=1)
    def send(self) -> None:
        self.sender.run()


def channel_of(settings: Settings) -> Channel:
    """SMTP when a server is named, else the folder ``mail`` beside the data.

    Raises:
        SettingError: the server's address cannot be read.
    """
    if settings.smtp_url:
        return Smtp(server_of(settings.smtp_url), settings.mail_from)
    return Folder(settings.data / "mail", settings.mail_from)
