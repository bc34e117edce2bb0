"""HTTP: a reader reads and sets how to be told, with the token of a link of ours: for programs."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from estafet.relay.work import Works
from estafet.web import Call, Input, Problem, api
from services.notify import tokens
from services.notify.messages import REPORTER
from services.notify.preferences import preferring
from services.notify.preferences.preference import CHANNELS, Preference, from_texts, texts
from services.notify.wording.vocabulary import LOCALES

PATH = "/preferences/<token>"


_HOUR = "([01][0-9]|2[0-3]):[0-5][0-9]"
#: Patterns, so that the API's description says them too.
_DIGEST = validate.Regexp(rf"^{_HOUR}\Z", error="an hour is written as 07:00")
_QUIET = validate.Regexp(
    rf"^(texts )?{_HOUR}-{_HOUR}\Z", error="quiet hours are written as 21:00-06:00 or texts 21:00-06:00"
)


class PreferenceInput(Input):
    """What is left out: no channel before others, the usual language, each message at once, at any hour."""

    channel = fields.String(validate=validate.OneOf(CHANNELS), allow_none=True, load_default=None)
    language = fields.String(validate=validate.OneOf(LOCALES), allow_none=True, load_default=None)
    #: The hour of the daily digest, such as ``07:00``; null: each message at once.
    digest = fields.String(validate=_DIGEST, allow_none=True, load_default=None)
    #: Such as ``21:00-06:00``, or ``texts 21:00-06:00`` for text messages alone; null: none.
    quiet = fields.String(validate=_QUIET, allow_none=True, load_default=None)


class PreferenceShown(Schema):
    channel = fields.String(allow_none=True, required=True)
    language = fields.String(allow_none=True, required=True)
    digest = fields.String(allow_none=True, required=True)
    quiet = fields.String(allow_none=True, required=True)


class Preferences:
    """Mix into the service class. A token that is not ours, and a reader whom we do not know or have forgotten, are
    answered alike.
    """

    relay: Works
    key: bytes

    @api("GET", PATH, "How the reader wishes to be told", answer=PreferenceShown, problems=("not-found",))
    def show_preferences(self, call: Call, token: str) -> Any:
        with self.relay.database.read() as connection:
            return texts(self._known(connection, token)[1])

    @api(
        "PUT",
        PATH,
        "Say how the reader wishes to be told",
        body=PreferenceInput,
        answer=PreferenceShown,
        problems=("not-found",),
    )
    def set_preferences(self, call: Call, token: str) -> Any:
        wish = from_texts(call.body)
        with self.relay.begin() as work:
            preferring.keep(work.connection, self._known(work.connection, token)[0], wish, work.now)
        return texts(wish)

    def _known(self, connection: Any, token: str) -> tuple[str, Preference]:
        reader = tokens.reader_of(self.key, token)
        wish = preferring.current(connection, reader) if reader and reader != REPORTER else None
        if reader is None or wish is None:
            raise Problem("not-found", "This link is not one of ours (any more). Take it from the newest letter.")
        return reader, wish
