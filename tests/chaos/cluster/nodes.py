"""The three nodes of the broker: one killed, and the next only when it is back with all its copies."""

from __future__ import annotations

import random
import time
from typing import Any

from tests.bed import Broker
from tests.bed.process import wait_until
from tests.chaos.cluster.project import BIRTH, Project
from tests.chaos.cluster.replicas import container_of

NAMES = ("rabbitmq", "rabbitmq-2", "rabbitmq-3")


class Nodes:
    def __init__(self, project: Project, broker: Broker) -> None:
        self._project = project
        self._broker = broker
        self._last = ""

    def kill_one(self, chance: random.Random, seconds: float) -> str:
        """Never the same twice running; it is away for so many seconds, and for as long as its start takes."""
        name = chance.choice([each for each in NAMES if each != self._last])
        node = container_of(self._project, name)
        began = time.monotonic()
        node.kill()
        time.sleep(seconds)
        node.start()
        node.wait_healthy()
        self.wait_whole()
        self._last = name
        return f"node {name} killed, and back with every copy after {time.monotonic() - began:.0f} s"

    def wait_whole(self) -> None:
        """Until every quorum queue has all its members."""
        wait_until(self._whole, seconds=BIRTH, what="every queue having three members")

    def _whole(self) -> bool:
        try:
            queues: list[dict[str, Any]] = self._broker.api("GET", "/queues/estafet?columns=name,type,members,online")
        except Exception:  # the node that answers may be the one that starts
            return False
        quorum = [queue for queue in queues if queue.get("type") == "quorum"]
        return bool(quorum) and all(len(queue.get("online", ())) == len(NAMES) for queue in quorum)
