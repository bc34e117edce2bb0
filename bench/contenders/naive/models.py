"""The tables as classes, as nameko-examples has them in ``orders/models.py``. The tables themselves are made before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7


def now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012


class Ticket(Base):
    __tablename__ = "tickets"

    code: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str | None]
    category: Mapped[str]
    text: Mapped[str]
    reporter: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="open")
    office: Mapped[str | None]
    deadline: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ChainEntry(Base):
    __tablename__ = "chain"

    ticket_code: Mapped[str] = mapped_column("ticket", ForeignKey("tickets.code"), primary_key=True)
    ticket: Mapped[Ticket] = relationship()
    position: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[UUID]
    name: Mapped[str]
    body: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Offer(Base):
    __tablename__ = "offers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    ticket_code: Mapped[str] = mapped_column("ticket", ForeignKey("tickets.code"))
    ticket: Mapped[Ticket] = relationship()
    office: Mapped[str]
    deadline: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Decision(Base):
    __tablename__ = "decisions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    ticket: Mapped[str]
    category: Mapped[str]
    office: Mapped[str]
    deadline: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Notification(Base):
    __tablename__ = "notifications"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    ticket: Mapped[str]
    reference: Mapped[str | None]
    recipient: Mapped[str]
    template: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
