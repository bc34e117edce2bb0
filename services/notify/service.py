"""notify: who must be told, over which channel, and whether it arrived."""

from __future__ import annotations

from typing import Any, cast

from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from estafet.events import Event
from estafet.relay.extensions import Engine, Relay, Tidying, every, settings_of, subscribe
from estafet.relay.work import Work, Works
from estafet.web import Call, Problem, api
from estafet.web.probes import Probes
from services.notify import callbacks, channels, handlers
from services.notify.callbacks import Callback, CallbackQuery, is_good
from services.notify.sending import Sender


class Sending(DependencyProvider):
    """Gives the service its :class:`Sender`. A provider that cannot be one stops the service at its start."""

    container: Any
    engine = Engine()

    def setup(self) -> None:
        self._settings = settings_of(self.container)
        self._mail = channels.mail(self._settings)
        self._texts = channels.texts(self._settings)
        self._sender: Sender | None = None

    def get_dependency(self, worker_ctx: WorkerContext) -> Sender:
        """The process's one sender; made late, since the engine has its database only after everybody's setup."""
        if self._sender is None:
            alone, url = self._settings.embedded, self._settings.public_url
            self._sender = Sender(self.engine.works, self._mail, url, self._texts, alone=alone)
        return self._sender


class CallbackKey(DependencyProvider):
    """What the tokens of callbacks are derived from; None: no provider is heard."""

    container: Any

    def get_dependency(self, worker_ctx: WorkerContext) -> str | None:
        return settings_of(self.container).callback_key


class Notify(Probes, Tidying):
    name = "notify"
    about = "Who must be told, over which channel, and whether it arrived."
    relay = cast(Works, Relay())
    sender = cast(Sender, Sending())
    callback_key = cast(str | None, CallbackKey())

    @subscribe(prepare=handlers.learn)
    def tell(self, event: Event, work: Work) -> None:
        handlers.tell(event, work)

    @subscribe()
    def remember(self, event: Event, work: Work) -> None:
        handlers.remember(event, work, self.sender.forget)

    @api(
        "POST",
        "/callbacks/<provider>",
        "What a provider says became of a message",
        body=Callback,
        query=CallbackQuery,
        auth=("token", ""),
        problems=("wrong-token",),
    )
    def called_back(self, call: Call, provider: str) -> dict[str, str]:
        """Answered alike whether we know the message or not. Not all providers can send headers: the query will do."""
        if not is_good(call.token or call.query.get("token"), self.callback_key, provider):
            raise Problem("wrong-token", "Show the token that `estafet callback` prints for this provider.")
        call.recognize(good=True)
        with self.relay.begin() as work:
            callbacks.hear(work, provider, call.body["id"], call.body["state"], self.sender.texts)
        return {"status": "ok"}

    @every(seconds=1)
    def send(self) -> None:
        self.sender.run()
