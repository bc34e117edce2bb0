"""A channel is known wherever channels are: nobody finds out by a letter that cannot be sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from estafet.events.notify import NotificationSent
from estafet.settings import from_environment
from services.notify import channels
from services.notify.addresses import PHONES
from services.notify.channel import EMAIL

ROOT = Path(__file__).parents[3]


def test_every_channel_of_text_messages_has_its_words() -> None:
    assert tuple(channels._TEXTS) == PHONES, "_TEXTS in services/notify/channels.py"


def test_events_name_every_channel_and_no_other() -> None:
    [choices] = NotificationSent().fields["channel"].validators
    assert set(choices.choices) == {EMAIL, "folder", *PHONES}, "channel in estafet/events/notify.py"


@pytest.mark.parametrize("channel", PHONES)
def test_every_channel_of_text_messages_has_a_setting_that_containers_and_pages_know(channel: str) -> None:
    variable = f"ESTAFET_{channel.upper()}"
    settings = from_environment({variable: "jsons://gateway.example/{to}"})
    assert [each.name for each in channels.texts(settings)] == [channel], "estafet/settings.py"
    for file in ("docker-compose.yml", "docs/operator.md", "docs/deploying.md"):
        assert variable in (ROOT / file).read_text(), file
