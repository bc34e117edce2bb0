"""Nothing is opened before routing has published a directory, and of several the one said last is kept."""

import pytest

from estafet.events import new_id
from estafet.relay.errors import NotYet
from services.tickets import learning
from tests.integration.tickets.town import DIRECTORY, REPORT, Town, message


def test_nothing_is_opened_before_there_is_a_directory(bare):
    with pytest.raises(NotYet, match="city load"):
        bare.deliver(message("report.submitted", REPORT, source="/app"))
    bare.deliver(message("directory.published", DIRECTORY))
    assert bare.submit().startswith("CTH-")


def test_an_older_directory_never_replaces_a_newer_one(bare):
    newer = {**DIRECTORY, "number": 3, "city": "Baru"}
    older = {**DIRECTORY, "number": 2, "city": "Lama"}
    for each in (message("directory.published", newer), message("directory.published", older)):
        bare.handle(each)
    with bare.works.database.read() as connection:
        assert learning.needed(connection).city == "Baru"
    bare.handle(message("directory.published", {**DIRECTORY, "number": 4, "city": "Terbaru"}))
    with bare.works.database.read() as connection:
        assert learning.needed(connection).city == "Terbaru"


def test_of_one_directory_what_was_said_last_is_kept(bare: Town) -> None:
    """A city loaded again after an upgrade has the same number, and says what the release before could not."""
    ids = sorted(new_id() for _ in range(3))
    with_agency = [each | {"agency": None} for each in DIRECTORY["services"]]
    said = [
        message("directory.published", DIRECTORY | more, id=id)
        for id, more in zip(ids, ({}, {"services": with_agency}, {"number": 2}), strict=True)
    ]
    bare.deliver(said[0])
    assert _referable(bare) == {True}
    bare.deliver(said[1])
    assert _referable(bare) == {False}
    bare.handle(said[0])  # a repetition, later
    assert _referable(bare) == {False}
    bare.deliver(said[2])
    bare.handle(said[1])
    assert _referable(bare) == {True}


def _referable(town: Town) -> set[bool]:
    with town.works.database.read() as connection:
        return {each.referable for each in learning.needed(connection).services.values()}
