"""A channel's setting that cannot be used is named, and nothing of what it holds is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from estafet.settings import SettingError
from services.notify.channels import configured
from tests.integration.notify.senders import settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("sms", "json://gateway.example/"),
        ("sms", "nobody://knows/{to}"),
        ("telegram", "tgram://123456789:abcdefghijklmnopqrstuvwxyz/"),
        ("whatsapp", "json://gateway.example/{to}?rate=fast"),
        ("smtp_url", "smtp://mail.example;smtp://"),
        ("smtp_url", "smtp://mail.example;http://mail.example"),
        ("callback_key", "short"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, variable: str, value: str) -> None:
    def read() -> None:
        chosen = settings(tmp_path, **{variable: value})
        configured.mail(chosen)
        configured.texts(chosen)

    with pytest.raises(SettingError, match=f"ESTAFET_{variable.upper()}") as raised:
        read()
    assert "gateway.example" not in str(raised.value)
