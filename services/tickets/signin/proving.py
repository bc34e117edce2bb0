"""Somebody proves who they are: by a password, or by a code. Every try is counted, here and for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from prometheus_client import Counter
from sqlalchemy import Connection

from estafet.relay.work import Works
from services.tickets.signin import accounts, browsers, factor, tries
from services.tickets.signin.accounts import Account

_log = structlog.get_logger(__name__)

signins = Counter("estafet_signins", "What became of signing in at a desk, step by step.", ["outcome"])


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a try.

    Attributes:
        account: who it is; None: it was wrong, or not looked at.
        waits: until when nothing is looked at.
    """

    account: Account | None = None
    waits: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prover:
    """Looks at what comes from one browser."""

    works: Works
    key: bytes
    cookies: Mapping[str, str]

    def by_password(self, name: str, password: str) -> Proof:
        """It takes the same steps, and as long, whether there is such an account or not."""
        with self.works.database.read() as connection:
            found = accounts.find(connection, name)
        account, kept = found or (None, None)
        waits = self._take(account.id if account else None, name)
        if waits is None and accounts.is_password(kept, password):
            return Proof(account)
        return self._refused("wrong-password", account, waits)

    def by_code(self, account: Account, code: str) -> Proof:
        waits = self._take(account.id, account.name)
        if waits is None:
            with self.works.begin() as work:
                if factor.prove(work.connection, self.key, account.id, code, work.now):
                    return Proof(account)
        return self._refused("wrong-code", account, waits)

    def clear(self, connection: Connection, account: Account) -> None:
        """All that was asked for was right: what was counted for this browser is forgotten."""
        tries.clear(connection, self._counted_for(account.id, account.name))

    def _take(self, account: str | None, name: str) -> datetime | None:
        with self.works.begin() as work:
            return tries.take(work.connection, self._counted_for(account, name), work.now)

    def _counted_for(self, account: str | None, name: str) -> str:
        return tries.key_of(account, name, browsers.known(self.cookies, name, self.key), self.key)

    def _refused(self, outcome: str, account: Account | None, waits: datetime | None) -> Proof:
        tell(outcome if waits is None else "locked", account)
        return Proof(None, waits)


def tell(outcome: str, account: Account | None) -> None:
    """Count and log. Of who it was, the log has the account's id alone; what was typed is in neither."""
    signins.labels(outcome).inc()
    _log.info("sign-in", outcome=outcome, account=account.id if account else None)
