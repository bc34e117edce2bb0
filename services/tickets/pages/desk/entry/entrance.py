"""How people come in: what the city's settings say of it."""

from __future__ import annotations

from dataclasses import dataclass

from estafet.settings import Settings
from services.tickets.pages.desk.addresses import BACK
from services.tickets.signin.accounts import Account
from services.tickets.signin.provider import Provider


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the city's settings say.

    Attributes:
        second_factor: roles that need one.
        city: the city's identity provider; None: there is none.
    """

    second_factor: frozenset[str]
    city: Provider | None

    def owed(self, account: Account) -> str | None:
        """What somebody has to do before anything else: ``password``, ``factor``, or nothing."""
        if account.must_change:
            return "password"
        return "factor" if account.role in self.second_factor and not account.has_factor else None


def entrance_of(settings: Settings) -> Entrance:
    city = Provider(settings.openid, f"{settings.public_url}{BACK}") if settings.openid else None
    return Entrance(settings.second_factor, city)
