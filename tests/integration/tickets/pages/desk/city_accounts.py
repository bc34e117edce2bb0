"""A real OpenID provider, run by Node.js, and somebody who signs in there."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from services.tickets.pages.desk.addresses import BACK
from tests.bed.node import installed
from tests.bed.process import end, free_port, require_alive, wait_until

CLIENT = {"id": "estafet desk", "secret": "a secret: of/the client + this %"}
PEOPLE = {
    "ani": {"email": "Ani@Kota.Example", "email_verified": True, "preferred_username": "ani.wati"},
    "budi": {"email": "budi@kota.example", "email_verified": False, "preferred_username": "budi"},
    "stranger": {"email": "stranger@kota.example", "email_verified": True},
}


@dataclass
class CityAccounts:
    """The provider. ``settings``: what the service is told of it."""

    issuer: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: Any = None

    def start(self, public_url: str, algorithm: str = "RS256") -> None:
        """Begin with keys of its own; after another :meth:`stop` with others."""
        place = installed(Path(__file__).parent / "city")
        told = {"port": httpx.URL(self.issuer).port, "client": CLIENT, "people": PEOPLE}
        told |= {"redirect": f"{public_url}{BACK}", "algorithm": algorithm}
        log = self.folder / "provider.log"
        node = shutil.which("node")
        assert node
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [node, "provider.js", json.dumps(told)],
                cwd=place,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def answers() -> bool:
            require_alive(self.process, log, "the provider")
            return "listening" in log.read_text()

        wait_until(answers, what="the provider to listen")

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, how=signal.SIGTERM)
            self.process = None


@contextmanager
def city_accounts(folder: Path, claim: str = "email") -> Iterator[CityAccounts]:
    issuer = f"http://127.0.0.1:{free_port()}"
    settings = {
        "ESTAFET_OIDC_ISSUER": issuer,
        "ESTAFET_OIDC_CLIENT_ID": CLIENT["id"],
        "ESTAFET_OIDC_CLIENT_SECRET": CLIENT["secret"],
        "ESTAFET_OIDC_CLAIM": claim,
    }
    provider = CityAccounts(issuer, folder, settings)
    try:
        yield provider
    finally:
        provider.stop()


def sign_in_there(http: httpx.Client, address: str, who: str) -> str:
    """Through the provider's own pages, as somebody; answers the address that it sends them back to."""
    answer = http.get(address)
    while True:
        if answer.is_redirect:
            address = str(answer.url.join(answer.headers["location"]))
            if BACK in address:
                return address
            answer = http.get(address)
            continue
        assert answer.is_success, answer.text
        action = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert action, answer.text
        assert prompt, answer.text
        form = {"prompt": prompt[1], "login": who, "password": "not looked at"}
        answer = http.post(action[1], data=form)
