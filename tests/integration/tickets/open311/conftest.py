"""The running service, in the present, and an app of each test's own."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest


@pytest.fixture(autouse=True)
def present(served, monkeypatch):
    """What routing says, it says now: the running service's clock is the real one."""
    monkeypatch.setattr(served.town.clock, "now", lambda: datetime.now(UTC))


@pytest.fixture
def key(served):
    """An app's key. Nobody else's app in these tests has this name."""
    return served.token(f"app:{uuid.uuid4().hex}")
