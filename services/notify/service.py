"""notify: who must be told, over which channel, and whether it arrived."""

from __future__ import annotations

from typing import Any, cast

from nameko.dependency_providers import Config

from estafet.events import Event
from estafet.relay.extensions import Relay, every, subscribe
from estafet.relay.work import Work, Works
from estafet.settings import Settings
from estafet.web.probes import Probes
from services.notify import handlers
from services.notify.channel import Channel
from services.notify.folder import Folder
from services.notify.sending import Sender
from services.notify.smtp import Smtp, server_of


class Notify(Probes):
    name = "notify"
    # nameko gives each instance what `get_dependency` answers.
    relay = cast(Works, Relay())
    config = cast(dict[str, Any], Config())

    @subscribe(prepare=handlers.learn)
    def tell(self, event: Event, work: Work) -> None:
        handlers.tell(event, work)

    @subscribe()
    def remember(self, event: Event, work: Work) -> None:
        handlers.remember(event, work)

    @every(seconds=1)
    def send(self) -> None:
        settings: Settings = self.config["ESTAFET"]
        Sender(self.relay, channel_of(settings), settings.public_url).run()


def channel_of(settings: Settings) -> Channel:
    """SMTP when a server is named, else the folder ``mail`` beside the data.

    Raises:
        SettingError: the server's address cannot be read.
    """
    if settings.smtp_url:
        return Smtp(server_of(settings.smtp_url), settings.mail_from)
    return Folder(settings.data / "mail", settings.mail_from)
