"""Where the demo plays: the offices as clients, and the chain drawn as it grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from estafet.cli.chaindrawing import Node, data_of, line, tree
from estafet.cli.failure import Failure
from estafet.cli.tokenfile import AUDITOR
from estafet.client import Client, Json, wait


class Stage:
    """One report on its way. On a terminal the tree is drawn anew with each message, elsewhere new ones are printed."""

    def __init__(self, client: Client, tokens: Mapping[str, str], console: Console, title: str, timeout: float) -> None:
        self.anybody = client.using(None)
        self.timeout = timeout
        self._tokens = tokens
        self._console = console
        self._title = title
        self._entries: list[Json] = []
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._caption = ""
        self.code = ""
        self.secret = ""

    def __enter__(self) -> Stage:
        if self._live:
            self._live.start()
        else:
            self._console.print(f"\n[bold]{self._title}[/]")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live:
            self._caption = ""
            self._draw()
            self._live.stop()
        elif error is None:
            self._console.print(tree(self.code, self._entries))

    def office(self, code: str) -> Client:
        """The API as the office ``code`` uses it."""
        token = self._tokens.get(code)
        if token is None:
            raise Failure(f"There is no token of the office {code!r} among those given. Issue one for every office.")
        return self.anybody.using(token)

    def submit(self, report: Mapping[str, Any]) -> None:
        answer = self.anybody.report(report)
        self.code, self.secret = answer["code"], answer["secret"]

    def say(self, what: str) -> None:
        """What happens next."""
        self._caption = what
        if self._live:
            self._draw()
        else:
            self._console.print(f"[bold]{what}[/]")

    def ticket(self) -> Json:
        return self.office(AUDITOR).ticket(self.code)

    def version(self) -> int:
        return int(self.ticket()["version"])

    def until(self, status: str, holder: str | None = None) -> Json:
        """Wait until the report stands so.

        Raises:
            TimedOut: it does not get there.
        """
        seen = wait(
            lambda: self._look(self.ticket()),
            lambda ticket: ticket["status"] == status and holder in (None, code_of(ticket["holder"])),
            timeout=self.timeout,
            what=f"report {self.code} to be {status}" + (f" by {holder}" if holder else ""),
        )
        self._look(seen)
        return seen

    def message(self, name: str, where: Callable[[Json], bool] = lambda data: True) -> Json:
        """The data of the latest message ``name`` about the report, waited for."""

        def found() -> Json:
            self._look({})
            fitting = [data_of(each) for each in self._entries if each["name"] == name and where(data_of(each))]
            return {"status": f"no {name}", "found": fitting[-1] if fitting else None}

        seen = wait(found, lambda each: each["found"] is not None, timeout=self.timeout, what=f"{name} of {self.code}")
        data: Json = seen["found"]
        return data

    def told(self, name: str, recipient: str | None = None) -> None:
        """Wait until ``recipient`` (or anybody) was told of the latest message ``name``, or could not be."""
        ids = [each["id"] for each in self._entries if each["name"] == name]

        def found() -> Json:
            self._look({})
            said = [each for each in self._entries if each["publisher"] == "notify" and each["causationid"] in ids[-1:]]
            told = [data_of(each)["recipient"] for each in said]
            return {"status": "untold", "found": bool(told) if recipient is None else recipient in told}

        what = f"{recipient or 'somebody'} to be told of {name}"
        wait(found, lambda each: bool(each["found"]), timeout=self.timeout, what=what)

    def verify(self) -> int:
        """How many entries the chain has.

        Raises:
            Failure: it is broken.
        """
        self._look({})
        answer = self.office(AUDITOR).verify(self.code)
        if not answer["ok"]:
            raise Failure(f"The chain of {self.code} is broken at position {answer['broken_at']}.")
        return int(answer["entries"])

    def _look(self, ticket: Json) -> Json:
        after = self._entries[-1]["position"] if self._entries else 0
        fresh = list(self.office(AUDITOR).chain(self.code, after=after))
        known = {each["id"]: each for each in self._entries}
        self._entries += fresh
        if self._live:
            self._draw()
            return ticket
        for each in fresh:
            cause = known.get(each.get("causationid") or "")
            self._console.print("  " + line(Node(each), Node(cause) if cause else None))
            known[each["id"]] = each
        return ticket

    def _draw(self) -> None:
        if self._live:
            title = Text(self._title, style="bold")
            caption = Text(self._caption, style="bold cyan")
            self._live.update(Group(title, tree(self.code or "…", self._entries), caption), refresh=True)


def code_of(holder: Any) -> str:
    """The office's code, whether it comes alone or with its name."""
    return str(holder["code"]) if isinstance(holder, dict) else str(holder)
