"""Somebody who signs in at a desk, with a browser without JavaScript."""

from __future__ import annotations

import httpx

from services.tickets.signin import accounts
from tests.integration.tickets.pages.reader import Reader
from tests.integration.tickets.served import Served

PASSWORD = "cukup panjang juga"


class Officer(Reader):
    """``whose`` as tests write tokens: an office, ``coordinator:office``, or a role."""

    def __init__(self, served: Served, whose: str, language: str = "id", password: str = PASSWORD) -> None:
        super().__init__(str(served.http.base_url), language)
        role, _, office = whose.partition(":")
        if whose in ("auditor", "ops"):
            self.name, role, office = whose, whose, ""
        elif not office:
            role, office = "officer", role
        self.name = f"{role}.{office}".rstrip(".")
        self.password = password
        with served.town.works.begin() as work:
            if not any(each["name"] == self.name for each in accounts.list_accounts(work.connection)):
                accounts.add(work.connection, self.name, role, office or None, password, work.now)

    def sign_in(self, goal: str = "/desk", password: str | None = None) -> httpx.Response:
        page = self.get(goal)
        return self.post(self.form(page, "/desk/sign-in"), name=self.name, password=password or self.password)
