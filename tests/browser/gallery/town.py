"""A city whose weeks pass as fast as it works: reports that live side by side, each act at its own moment."""

from __future__ import annotations

import heapq
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from estafet.events import new_id
from estafet.relay.tables import outbox
from services.tickets.rating.survey import ELEMENTS
from services.tickets.signin import accounts
from tests.browser.story import Story
from tests.e2e.system import ROOT, System, until

ZONE = ZoneInfo("Asia/Jakarta")
#: A Monday. The pictures are taken on the Thursday of the fourth week.
FIRST = datetime(2026, 11, 2, tzinfo=ZONE)
PASSWORD = "cukup panjang juga"

#: What happens to one report: it does something, and says when it goes on.
Life = Iterator[datetime]


def at(day: int, clock: str) -> datetime:
    """A moment of a working day, counted from 0."""
    weeks, weekday = divmod(day, 5)
    return datetime.combine(FIRST.date() + timedelta(days=7 * weeks + weekday), time.fromisoformat(clock), ZONE)


NOW = at(18, "10:12")


class Shifted(System):
    """All three services in one process, whose clock can be set."""

    def set(self, moment: datetime) -> None:
        new = self._clock.with_suffix(".new")
        new.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        new.replace(self._clock)

    @property
    def _clock(self) -> Path:
        return self.folder / "clock"

    def start_group(self, group: Sequence[str]) -> None:
        command = [sys.executable, "-m", "tests.browser.gallery.served", str(self._clock)]
        with (self.folder / "services.log").open("ab") as log:
            self.processes[tuple(group)] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )


class Town(Story):
    """Its offices and reporters, at their moments."""

    system: Shifted

    def live(self, lives: Sequence[tuple[datetime, Life]]) -> None:
        """All of them, until :data:`NOW`."""
        order = count()
        waiting = [(moment, next(order), life) for moment, life in lives]
        heapq.heapify(waiting)
        while waiting and waiting[0][0] <= NOW:
            moment, _, life = heapq.heappop(waiting)
            self.system.set(moment)
            then = next(life, None)
            if then is not None:
                heapq.heappush(waiting, (then, next(order), life))
        self.system.set(NOW)

    def account(self, name: str, role: str, office: str | None, password: str = PASSWORD) -> str:
        with self.system.database("tickets") as database, database.begin() as connection:
            accounts.add(connection, name, role, office, password, FIRST.astimezone(UTC))
        return name

    def garble(self) -> None:
        """What another app sent cannot be read."""
        row = {"id": new_id(), "exchange": "intake.events", "name": "report.submitted", "type": "report.submitted"}
        with self.system.database("tickets") as database, database.begin() as connection:
            moment = NOW.astimezone(UTC) - timedelta(minutes=4)
            connection.execute(outbox.insert().values(**row, correlation_id="", body=b"{", created_at=moment))
        until(lambda: self.system.deferred("tickets"), "it to be kept")

    # What offices do

    def hand(self, code: str, office: str, to: str, words: str, reason: str = "needs-other-office") -> None:
        with self.office(office) as officer:
            version = officer.ticket(code)["version"]
            officer.request_handoff(code, version, receiver=to, reason=reason, words=words)
        self.wait(code, "offered", to)

    def refuse(self, code: str, office: str, right: str, words: str, reason: str = "not-our-task") -> None:
        version = self.wait(code, "offered", office)["version"]
        with self.office(office) as officer:
            officer.refuse(code, version, right_office=right, reason=reason, words=words)

    def note(self, code: str, office: str, text: str, public: bool = True) -> None:
        with self.office(office) as officer:
            officer.note(code, officer.ticket(code)["version"], text, public=public)

    def show(self, code: str, office: str, text: str, *photos: bytes) -> None:
        """Photos with a note that the reporter sees."""
        place = f"{self.system.url}/api/v1/tickets/{code}"
        mine = {"Authorization": f"Bearer {self.tokens[office]}"}
        version = httpx.get(place, headers=mine).headers["ETag"]
        files = [("photos", ("foto.jpg", each)) for each in photos]
        headers = {**mine, "If-Match": version}
        sent = httpx.post(f"{place}/attachments", data={"text": text}, files=files, headers=headers)
        assert sent.is_success, sent.text

    # What reporters do

    def confirm(self, code: str, key: str) -> None:
        with self.system.client() as reporter:
            reporter.confirm(code, reporter.ticket(code, secret=key)["version"], key)

    def object(self, code: str, key: str, words: str) -> None:
        with self.system.client() as reporter:
            reporter.object(code, reporter.ticket(code, secret=key)["version"], key, words)

    def rate(self, code: str, key: str, scores: Mapping[str, int] | int, contacted: int, remark: str = "") -> None:
        given = dict.fromkeys(ELEMENTS, scores) if isinstance(scores, int) else scores
        body = {"scores": given, "offices_contacted": contacted, "remark": remark or None}
        place = f"{self.system.url}/api/v1/tickets/{code}/rating"
        sent = httpx.post(place, json=body, headers={"Estafet-Secret": key})
        assert sent.is_success, sent.text


def settled(
    town: Town, kind: str, place: str, text: str, who: str, day: int, days: int, score: int | None = None, via: str = ""
) -> Life:
    """An ordinary report: taken, passed on once when ``via`` says to whom, resolved, confirmed and rated."""
    code, key = town.report(category=kind, place=place, text=text, reporter=person(who))
    yield at(day, "11:05")
    office = town.accept(code)
    if via:
        yield at(day + 1, "09:15")
        town.hand(code, office, via, "Bagian kami selesai; sisanya di bidang kantor ini.")
        yield at(day + 1, "13:40")
        office = town.accept(code)
    yield at(day + days, "14:20")
    town.resolve(code, office, "Sudah dikerjakan.")
    if score is not None:
        yield at(day + days + 1, "08:30")
        town.confirm(code, key)
        town.rate(code, key, score, 2 if via else 1)


def bounced(town: Town, kind: str, place: str, text: str, who: str, day: int, steps: Sequence[str], to: str) -> Life:
    """Refused by two offices, and decided by a coordinator. ``steps``: whose names the refusals give."""
    code, key = town.report(category=kind, place=place, text=text, reporter=person(who))
    yield at(day, "10:40")
    first = town.accept(code)
    second, third = steps
    yield at(day, "14:10")
    town.hand(code, first, second, "Bukan lagi pekerjaan kami.")
    yield at(day + 1, "09:30")
    town.refuse(code, second, third, "Lokasinya di luar daftar kami.")
    yield at(day + 1, "14:50")
    town.refuse(code, third, second, "Kami tidak punya alat untuk ini.")
    coordinator = town.wait(code, "convened")["coordinator"]["code"]
    yield at(day + 2, "10:15")
    town.assign(code, coordinator, to)
    yield at(day + 4, "13:00")
    town.resolve(code, to, "Sudah dikerjakan.")
    yield at(day + 5, "09:10")
    town.confirm(code, key)
    town.rate(code, key, 3, 3)


def person(name: str) -> dict[str, str]:
    return {"name": name, "email": f"{name.split()[0].lower()}@warga.example"}
