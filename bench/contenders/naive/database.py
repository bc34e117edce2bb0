"""A SQLAlchemy session for each worker, as nameko-sqlalchemy's ``DatabaseSession`` gives it.

That package itself wants SQLAlchemy 1. https://github.com/nameko/nameko-sqlalchemy
"""

from __future__ import annotations

from typing import Any

from nameko.extensions import DependencyProvider
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker


class DatabaseSession(DependencyProvider):
    """What is committed is not read again: nobody needs it after that."""

    def setup(self) -> None:
        container: Any = self.container
        self._engine = create_engine(container.config["DATABASE_URL"], pool_size=container.max_workers)
        self._make_session = sessionmaker(self._engine, expire_on_commit=False)
        self._sessions: dict[Any, Session] = {}

    def stop(self) -> None:
        self._engine.dispose()

    def get_dependency(self, worker_ctx: Any) -> Session:
        self._sessions[worker_ctx] = self._make_session()
        return self._sessions[worker_ctx]

    def worker_teardown(self, worker_ctx: Any) -> None:
        self._sessions.pop(worker_ctx).close()
