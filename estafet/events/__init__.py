"""The contracts: what each event is called, who publishes it, what it carries and who must listen."""

from estafet.events.envelope import Event, Malformed, encode, first_id, instant, made_at, new_id, parse
from estafet.events.registry import CONTRACTS, Contract, contract, queue_name

__all__ = [
    "CONTRACTS",
    "Contract",
    "Event",
    "Malformed",
    "contract",
    "encode",
    "first_id",
    "instant",
    "made_at",
    "new_id",
    "parse",
    "queue_name",
]
