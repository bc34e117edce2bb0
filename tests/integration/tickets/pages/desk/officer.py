"""Somebody who signs in at a desk, with a browser without JavaScript."""

from __future__ import annotations

import copy
import re
import secrets

import httpx

from services.tickets.signin import accounts
from tests.integration.tickets.pages.reader import Reader, text_of
from tests.integration.tickets.served import Served
from tests.support.telephone import Telephone

PASSWORD = "cukup panjang juga"


class Officer(Reader):
    """``whose`` as tests write tokens: an office, ``coordinator:office``, or a role. Each has an account of their own:
    what one test does to it is nothing to another.
    """

    def __init__(self, served: Served, whose: str, language: str = "id", password: str = PASSWORD) -> None:
        super().__init__(str(served.http.base_url), language)
        role, _, office = whose.partition(":")
        if whose in ("auditor", "ops"):
            role, office = whose, ""
        elif not office:
            role, office = "officer", role
        self.name = ".".join(part for part in (role, office, secrets.token_hex(4)) if part)
        self.password = password
        with served.town.works.begin() as work:
            accounts.add(work.connection, self.name, role, office or None, password, work.now)

    def sign_in(self, goal: str = "/desk", password: str | None = None) -> httpx.Response:
        page = self.get(goal)
        return self.post(self.form(page, "/desk/sign-in"), name=self.name, password=password or self.password)

    def again(self) -> Officer:
        """The same person in another browser."""
        other = copy.copy(self)
        Reader.__init__(other, self.origin)
        return other

    def set_up(self) -> tuple[Telephone, list[str]]:
        """A telephone as the second factor; and the recovery codes."""
        page = self.get("/desk/account/factor")
        telephone = Telephone(text_of(page))
        done = self.post(self.form(page, "/desk/account/factor"), otp=telephone.code())
        codes = re.findall(r"<li>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</li>", done.text)
        assert len(codes) == 10, text_of(done)
        return telephone, codes
