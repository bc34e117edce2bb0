"""One try of a call at whichever replica chance picks. Whether to try again is the caller's to know."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx

from tests.chaos.record import Record

#: Seconds; a careful client does not wait for ever.
_TIMEOUT = httpx.Timeout(6.0, connect=2.0)


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` 0: no answer came."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def undecided(self) -> bool:
        """Nobody said yes or no: the same request may be sent again."""
        return self.status == 0 or self.status >= 500


class Api:
    """Belongs to one thread."""

    def __init__(self, urls: Callable[[], Sequence[str]], record: Record, chance: random.Random) -> None:
        self._urls = urls
        self._record = record
        self._chance = chance
        self._http = httpx.Client(timeout=_TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        secret: str | None = None,
        version: int | None = None,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Reply:
        headers = {
            "Authorization": f"Bearer {token}" if token else None,
            "Estafet-Secret": secret,
            "If-Match": f'"{version}"' if version is not None else None,
            "Idempotency-Key": key,
        }
        sent = {name: value for name, value in headers.items() if value is not None}
        url = f"{self._chance.choice(self._urls())}/api/v1{path}"
        try:
            answer = self._http.request(method, url, json=body, params=query, headers=sent)
            reply = Reply(answer.status_code, answer.json())
        except (httpx.TransportError, ValueError):
            reply = Reply(0, {})
        self._record.count(f"{method} {path.rpartition('/')[2] if body is not None else 'look'}", str(reply.status))
        return reply
