"""A sender with the channels that settings choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from estafet.relay.work import Works
from estafet.settings import Settings, from_environment
from services.notify.channels import configured
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import URL


def settings(tmp_path: Path, **given: str) -> Settings:
    variables = {f"ESTAFET_{name.upper()}": value for name, value in given.items()}
    return from_environment({"ESTAFET_DATA": str(tmp_path), **variables})


def sender(works: Works, chosen: Settings, **options: Any) -> Sender:
    return Sender(works, configured.mail(chosen), URL, configured.texts(chosen), **options)
