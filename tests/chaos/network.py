"""A small TCP proxy for each link between a process and what it depends on."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Self

from tests.support.proxy import Proxy


class Network:
    """Links by name, such as ``tickets-1 database``. A context manager: after it, none is left."""

    def __init__(self) -> None:
        self.links: dict[str, Proxy] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def link(self, name: str, url: str, port: int) -> str:
        """The URL as it is reached through a link of this name; ``port`` is the one in it."""
        proxy = self._stack.enter_context(Proxy(port))
        self.links[name] = proxy
        return url.replace(f":{port}", f":{proxy.port}")

    def heal(self) -> None:
        for link in self.links.values():
            link.delay = 0.0
            link.flow()
