"""A backup under load, everything destroyed, restored: the chaos audit finds nothing, up to the backup's moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from estafet.settings import SERVICES
from services.notify.tables import deliveries
from services.tickets.tables import tickets
from tests.bed import Databases
from tests.bed.process import wait_until
from tests.chaos.audit import audit
from tests.chaos.fleet import Fleet
from tests.chaos.load import Load
from tests.chaos.network import Network
from tests.chaos.postbox import Postbox
from tests.chaos.quiet import wait_for_quiet
from tests.chaos.record import Record
from tests.chaos.run import PROGRAM
from tests.chaos.town import Town
from tests.chaos.unit import Unit
from tests.e2e.servers import Servers, lay_out
from tests.e2e.system import Deployed, System
from tests.support.limits import UNLIMITED

pytestmark = pytest.mark.alone

#: Reports before the backup, while notify is down, and after the moment: the last are lost.
_SOME = 30

#: Letters that went after the backup's moment are unknown to it, and written again. All others are held against it.
_OF_LATER_LETTERS = ("letters of one event that one reader got twice", "letters that nobody had to write")


@contextmanager
def living(form: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Town, Servers | None]]:
    """A system with a process for all services, or one for each."""
    with ExitStack() as stack:
        mailbox, network = stack.enter_context(Postbox()), stack.enter_context(Network())
        environment = {**UNLIMITED, "ESTAFET_SMTP_URL": mailbox.url}
        if form == "embedded":
            system, servers = System(folder, [SERVICES], environment), None
        else:
            servers = lay_out(request.getfixturevalue("rabbitmq"), request.getfixturevalue("postgres"))
            system = Deployed(folder, servers.amqp, servers.database_url, environment)
        system.prepare()
        units = [Unit("-".join(group), group, PROGRAM, system.environment_of(group), folder) for group in system.groups]
        town = Town(system, mailbox, stack.enter_context(Fleet(units)), network, longest=0)
        stack.callback(town.close)
        town.wait_for_city()
        yield town, servers


@contextmanager
def down(units: list[Unit], gently: bool = False) -> Iterator[None]:
    """kill -9, or ask them to end, and nobody starts them again until the end of it."""
    with ExitStack() as stack:
        for unit in units:
            stack.enter_context(unit.lock)
            unit.end() if gently else unit.kill()
        yield
        for unit in units:
            unit.start()
    for unit in units:
        unit.wait_alive()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("form", ["embedded", "deployed"])
def test_what_a_backup_under_load_has_is_there_once_after_everything_was_destroyed(
    form: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    known, folder = Record(), tmp_path / "backup"
    with living(form, tmp_path, request) as (town, servers):
        record = Record()
        with Load(town, record, per_second=15, seed=1):
            _more(record)
            # What waits for notify on the broker at that moment is nowhere else.
            with down(town.fleet.of("notify") if servers else [], gently=True):
                _more(record)
                known.accepted, known.acts = dict(record.accepted), list(record.acts)
                town.system.estafet("backup", str(folder))
            _more(record)
        assert "whole" in town.system.estafet("backup", "--verify", str(folder)).stdout
        with down(list(town.fleet.units)):
            _destroy(town, servers, request)
            said = town.system.estafet("restore", str(folder)).stdout
            assert " 0 broken" in said
            if servers:
                assert re.search(r"tickets: \d+ events for notify.tell are published again", said), said
            told, letters = _told(town), dict(town.mailbox.letters)
            _compare(town, known, record)
        town.servers = servers
        town.wait_for_city()
        _, moving = wait_for_quiet(town, 60)
        assert not moving
        found = [line for each in audit(town, known) if each.name not in _OF_LATER_LETTERS for line in each.lines()]
        assert not [line for line in found if not line.startswith("       0")], "\n".join(found)
        assert {id for (id, to), count in town.mailbox.letters.items() if count > letters.get((id, to), 0)}.isdisjoint(
            told
        )
        _works(town)
        assert not town.fleet.deaths


def _more(record: Record) -> None:
    before = len(record.accepted)
    wait_until(lambda: len(record.accepted) >= before + _SOME, seconds=60, what="more reports")


def _destroy(town: Town, servers: Servers | None, request: pytest.FixtureRequest) -> None:
    town.close()
    if servers is None:
        for file in (town.system.folder / "data").glob("*.sqlite*"):
            file.unlink()
        return
    databases: Databases = request.getfixturevalue("postgres")
    for service in SERVICES:
        name = servers.database_name(service)
        databases.drop_database(name)
        databases.create_database(name)
    servers.empty_broker()


def _told(town: Town) -> set[str]:
    """Deliveries that the restored notify knows it has sent."""
    with town.databases["notify"].read() as connection:
        return set(connection.execute(select(deliveries.c.id).where(deliveries.c.state == "sent")).scalars())


def _compare(town: Town, known: Record, record: Record) -> None:
    """What was restored is of the backup's moment: nothing older, and nothing of what came long after."""
    with town.databases["tickets"].read() as connection:
        there = set(connection.execute(select(tickets.c.reference)).scalars())
    assert known.accepted.keys() <= there
    assert len(there) < len(record.accepted)


def _works(town: Town) -> None:
    with town.system.client(town.system.tokens()["auditor"]) as auditor:
        code = auditor.using(None).report({"category": "ktp", "text": "KTP saya rusak."})["code"]
        auditor.wait_for(code, lambda each: each["status"] == "offered")
