"""The tables of ratings. Of who rated nothing is here but the report's code; what they wrote stands apart."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, SmallInteger, String, Table, Text

from estafet.relay.tables import Moment
from services.tickets.rating.survey import ELEMENTS
from services.tickets.tables import metadata


def _code() -> Column[str]:
    return Column("code", String(32), ForeignKey("tickets.code"), primary_key=True)


#: One row a report: what its reporter answered last.
ratings = Table(
    "ratings",
    metadata,
    _code(),
    Column("at", Moment, nullable=False),
    #: Who had resolved it by then: the office that is rated.
    Column("office", String(64)),
    #: 1 to 4; None: not answered.
    *(Column(each, SmallInteger) for each in ELEMENTS),
    #: How many offices the reporter had to contact; 4 means four or more.
    Column("offices_contacted", SmallInteger),
)
Index("ratings_at", ratings.c.at)

#: Personal: what the reporter added in their own words. Forgotten with the report's text.
remarks = Table("remarks", metadata, _code(), Column("text", Text, nullable=False))
