"""The services' replicas as containers, which docker starts again when they end by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from estafet.settings import SERVICES
from tests.chaos.cluster.project import Container, Project, build

_COUNT = 2
#: Where the proxy of deploy/cluster.yml listens.
URL = "http://127.0.0.1:8000"


class Replica:
    """One of a service's two, by its place: the container in it changes."""

    def __init__(self, project: Project, service: str, number: int) -> None:
        self.name = f"{service}-{number}"
        self.services = (service,)
        self._project = project
        self.container = project.containers(service)[_COUNT - number]

    def url(self, service: str) -> str:
        """Whichever replica the proxy chooses; nobody outside reaches a certain one."""
        return URL

    def kill(self) -> None:
        self.container.kill()

    def start(self) -> None:
        self.container.start()

    def replace(self, home: Path) -> None:
        """By a container of the image as it is now: first the new one, and when it is healthy the old one ends."""
        (service,) = self.services
        before = {each.id for each in self._project.containers(service)}
        self._project.compose("up", "-d", "--no-deps", "--no-recreate", f"--scale={service}={len(before) + 1}", service)
        (new,) = [each for each in self._project.containers(service) if each.id not in before]
        new.wait_healthy()
        old, self.container = self.container, new
        old.remove()


class Replicas:
    """What a run asks of a fleet: where everybody is, and whether all live."""

    def __init__(self, project: Project) -> None:
        self.units = tuple(Replica(project, service, number) for service in SERVICES for number in range(1, _COUNT + 1))
        self.resident: dict[str, int] = {}

    @property
    def deaths(self) -> list[str]:
        return [
            f"{unit.name} ended by itself {unit.container.restarts} times"
            for unit in self.units
            if unit.container.restarts
        ]

    def of(self, service: str) -> Sequence[Replica]:
        return [unit for unit in self.units if service in unit.services]

    def wait_alive(self) -> None:
        for unit in self.units:
            unit.container.wait_healthy()

    @staticmethod
    def prepare(project: Project, home: Path) -> None:
        """Before the first is replaced: the image of this release, and the databases migrated by it."""
        build(home)
        project.compose("up", "--no-deps", "--exit-code-from", "migrate", "migrate")


def container_of(project: Project, service: str) -> Container:
    """The only one of a service."""
    (container,) = project.containers(service)
    return container
