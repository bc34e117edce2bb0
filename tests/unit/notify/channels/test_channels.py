"""A channel is known wherever channels are: nobody finds out by a message that cannot be sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from estafet.events.notify import NotificationSent
from estafet.settings import from_environment
from services.notify.channels import configured
from services.notify.channels.channel import EMAIL
from services.notify.preferences.preference import CHANNELS

ROOT = Path(__file__).parents[4]
TEXTS = [each for each in CHANNELS if each != EMAIL]


@pytest.mark.parametrize("channel", TEXTS)
def test_every_channel_of_text_messages_has_words_and_a_setting_that_containers_and_pages_know(channel: str) -> None:
    variable = f"ESTAFET_{channel.upper()}"
    settings = from_environment({variable: "jsons://gateway.example/{to}"})
    assert hasattr(settings, channel), f"{channel} in estafet/settings.py, from {variable}"
    found = [each.name for each in configured.texts(settings)]
    assert found == [channel], "services/notify/channels/configured.py"
    for file in ("docker-compose.yml", "docs/operator.md", "docs/deploying.md"):
        assert variable in (ROOT / file).read_text(), file


def test_events_may_name_every_channel() -> None:
    [choices] = NotificationSent().fields["channel"].validators
    assert {*CHANNELS, "folder"} <= set(choices.choices), "channel in estafet/events/notify.py"
