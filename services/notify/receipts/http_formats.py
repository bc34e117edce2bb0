"""HTTP: what providers say, later and in formats of their own, became of a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from marshmallow import EXCLUDE, Schema
from werkzeug.wrappers import Response

from estafet.relay.work import Works
from estafet.web import Call, Dialect, Problem, api
from services.notify.receipts import callbacks, formats, meta, twilio
from services.notify.receipts.formats import META, TWILIO, Format
from services.notify.sending.sender import Sender

_TWILIO = f"/callbacks/<provider>/{TWILIO}/<id>"
_META = f"/callbacks/<provider>/{META}"
#: Counted as nothing: Twilio says each thing once, and what came in a burst and was refused would be lost. What a
#: forged one costs is a checksum.
_WEIGHT = 0
_CHALLENGE = re.compile("[A-Za-z0-9_.-]{1,128}")


class _Raw(Schema):
    """Whatever it is: what is signed are the bytes, which are read after that."""

    class Meta:
        unknown = EXCLUDE


#: The body as it came. Theirs to describe: our own description of the API leaves these out.
_THEIRS = Dialect(lambda request: {}, lambda problem, request: problem.response())


class ProvidersFormats:
    """Mix into the service class. Answered alike whether we know the message or not."""

    relay: Works
    sender: Sender
    callback_key: str | None
    public_url: str
    #: By the provider's name.
    formats: Mapping[str, Format]

    @api(
        "POST",
        _TWILIO,
        "What Twilio says became of a message",
        body=_Raw,
        weight=_WEIGHT,
        dialect=_THEIRS,
        problems=("wrong-token",),
    )
    def twilio_called_back(self, call: Call, provider: str, id: str) -> dict[str, str]:
        secret = self._secret(provider, TWILIO)
        try:
            form = twilio.fields(call.request.content)
        except ValueError as error:
            raise Problem("malformed", "This is no form.") from error
        address = formats.address(self.public_url, provider, TWILIO, id)
        shown = call.request.headers.get("X-Twilio-Signature")
        if not twilio.is_signed(secret, address, form, shown):
            raise _wrong()
        state = twilio.said(form)
        return self._hear(provider, [(id, state)] if state else [])

    @api(
        "POST",
        _META,
        "What Meta says became of messages",
        body=_Raw,
        weight=_WEIGHT,
        dialect=_THEIRS,
        problems=("wrong-token",),
    )
    def meta_called_back(self, call: Call, provider: str) -> dict[str, str]:
        body = call.request.content
        if not meta.is_signed(self._secret(provider, META), body, call.request.headers.get("X-Hub-Signature-256")):
            raise _wrong()
        try:
            said = meta.said(body)
        except ValueError as error:
            raise Problem("malformed", "This is no JSON.") from error
        return self._hear(provider, said)

    @api("GET", _META, "Meta asks whether this is ours", dialect=_THEIRS, problems=("wrong-token",))
    def meta_asks(self, call: Call, provider: str) -> Response:
        """Once, when the address is written into the app: with the token that `estafet callback` prints."""
        asked = call.request.args
        challenge = asked.get("hub.challenge", "")
        self._secret(provider, META)
        if not callbacks.is_good(asked.get("hub.verify_token"), self.callback_key, provider):
            raise _wrong()
        if not _CHALLENGE.fullmatch(challenge):
            raise Problem("malformed", "hub.challenge is missing.")
        return Response(challenge, content_type="text/plain; charset=utf-8")

    def _secret(self, provider: str, kind: str) -> str:
        own = self.formats.get(provider)
        if own is None or own.kind != kind:
            raise _wrong()
        return own.secret

    def _hear(self, provider: str, said: Iterable[tuple[str, str]]) -> dict[str, str]:
        with self.relay.begin() as work:
            for id, state in sorted(said, key=lambda each: each[0]):  # two at once do not wait for each other
                callbacks.hear(work, provider, id, state, self.sender.texts)
        return {"status": "ok"}


def _wrong() -> Problem:
    return Problem("wrong-token", "It is not signed with the secret of a provider that ESTAFET_SMS and its like name.")
