"""HTTP: what providers say, later, became of a message."""

from __future__ import annotations

from estafet.relay.work import Works
from estafet.web import Call, Problem, api
from services.notify.receipts import callbacks
from services.notify.receipts.callbacks import Callback, CallbackQuery, is_good
from services.notify.sending.sender import Sender


class Callbacks:
    relay: Works
    sender: Sender
    callback_key: str | None

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
        call.request.recognize(good=True)
        with self.relay.begin() as work:
            callbacks.hear(work, provider, call.body["id"], call.body["state"], self.sender.texts)
        return {"status": "ok"}
