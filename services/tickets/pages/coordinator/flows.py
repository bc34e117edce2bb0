"""How reports flow between offices, and where they bounce."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from estafet.relay.work import Works
from services.tickets import learning
from services.tickets.access.sight import answered
from services.tickets.directory import Directory
from services.tickets.pages.coordinator import period, sheets
from services.tickets.pages.coordinator.folding import fold
from services.tickets.pages.coordinator.frame import counts_confidential, draw, office_seen
from services.tickets.pages.coordinator.period import Period
from services.tickets.pages.coordinator.sankey import Frame, layout
from services.tickets.pages.desk.seat import desk_page
from services.tickets.pages.visit import Visit
from services.tickets.signin.sessions import Seat
from services.tickets.statistics import flows
from services.tickets.statistics.flows import COUNTS, Flow

#: Offices on each side of the picture, and rows of the table below it; the table to save has all.
DRAWN, LISTED = 11, 25
#: Pairs of offices that are listed.
PAIRS = 10
#: Beside each other at a desk; on a phone the names stand on the bands.
_WIDE = Frame(width=1060, margin=285, body=440, row=34)
_NARROW = Frame(width=340, margin=0, body=340, row=34, bar=7)


@dataclass(frozen=True, slots=True)
class Sums:
    """All flows shown together."""

    total: int
    went: int
    refused: int
    lapsed: int
    stopped: int
    waiting: int
    turned: int

    @classmethod
    def of(cls, found: Iterable[Flow]) -> Sums:
        known = list(found)
        return cls(*(sum(getattr(each, sums.name) for each in known) for sums in fields(cls)))


class FlowPages:
    relay: Works
    public_url: str

    @desk_page("GET", "/flows", "How reports flow between offices, and where they bounce")
    def flows_page(self, visit: Visit, seat: Seat) -> Response:
        own, now, confidential = office_seen(seat), self.relay.clock.now(), counts_confidential(seat)
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            chosen = period.asked(visit.request.args, city, own)
            every = _flows(connection, chosen, city, now, confidential)
            bounces = flows.bounces(connection, chosen.since(now), chosen.office, confidential)
        if chosen.kind:
            few = _of_kind(city, chosen.kind)
            bounces = [each for each in bounces if each.first in few or each.second in few]
        found, first = _apart(every, chosen, city.front_desk)
        bands = fold(found, DRAWN)
        drawn = [each for each in bands if each.sender or each.receiver]
        return draw(
            visit,
            seat,
            city,
            "coordinator/sums/flows.html",
            own=own,
            chosen=chosen,
            periods=period.PERIODS,
            kinds=period.KINDS,
            sums=Sums.of(found),
            first=Sums.of(first),
            flows=found[:LISTED],
            columns=COUNTS,
            more=max(len(found) - LISTED, 0),
            wide=layout(drawn, _WIDE),
            narrow=layout(drawn, _NARROW),
            between_others=next((each for each in bands if each not in drawn), None),
            others={
                "sender": len({each.sender for each in found}) - DRAWN + 1,
                "receiver": len({each.receiver for each in found}) - DRAWN + 1,
            },
            bounces=bounces[:PAIRS],
            more_bounces=max(len(bounces) - PAIRS, 0),
            bounced=sum(each.reports for each in bounces),
            stopped=sum(each.to_first + each.to_second for each in bounces),
        )

    @desk_page("GET", "/flows.csv", "The flows, as a table to save")
    def flows_sheet(self, visit: Visit, seat: Seat) -> Response:
        own = office_seen(seat)
        with answered(), self.relay.database.read() as connection:
            city = learning.needed(connection)
            chosen = period.asked(visit.request.args, city, own)
            found = _flows(connection, chosen, city, self.relay.clock.now(), counts_confidential(seat))
        return sheets.respond(f"flows-{chosen.days}", sheets.flows(found))


def _flows(connection: Connection, chosen: Period, city: Directory, now: datetime, confidential: bool) -> list[Flow]:
    found = flows.flows(connection, chosen.since(now), chosen.office, confidential)
    return flows.of_offices(found, _of_kind(city, chosen.kind)) if chosen.kind else found


def _apart(found: list[Flow], chosen: Period, front_desk: str) -> tuple[list[Flow], list[Flow]]:
    """What is shown, and the front desk's offers if they are not among it."""
    if chosen.desk or chosen.office:
        return found, []
    first = [each for each in found if each.sender == front_desk]
    return [each for each in found if each.sender != front_desk], first


def _of_kind(city: Directory, kind: str) -> frozenset[str]:
    return frozenset(each.code for each in city.offices.values() if each.kind == kind)
