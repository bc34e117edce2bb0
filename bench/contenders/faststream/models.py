"""What the services accept and publish: pydantic models, as FastStream's documentation has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from uuid_utils.compat import uuid7


class Submission(BaseModel):
    category: Annotated[str, Field(min_length=1, max_length=100)]
    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    reference: str | None = None
    reporter: dict[str, Any] = Field(default_factory=dict)


class Report(BaseModel):
    id: str
    source: str
    type: Literal["id.estafet.report.submitted.v1"]
    time: AwareDatetime
    data: Submission


class TicketOpened(BaseModel):
    ticket: str
    reference: str | None
    category: str


class HandoffRouted(BaseModel):
    ticket: str
    office: str
    deadline: AwareDatetime


class HandoffOffered(HandoffRouted):
    reference: str | None


Data = TypeVar("Data", bound=BaseModel)


class Message(BaseModel, Generic[Data]):
    id: UUID = Field(default_factory=uuid7)
    name: str
    time: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    correlationid: str
    causationid: str
    data: Data
