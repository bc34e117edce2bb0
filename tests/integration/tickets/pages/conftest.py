"""The pages of tickets, over real HTTP."""

from __future__ import annotations

import pytest

from tests.integration.tickets.pages.reader import Reader
from tests.integration.tickets.served import Served


@pytest.fixture
def reader(served: Served) -> Reader:
    return Reader(str(served.http.base_url))
