"""Where a city's templates run: they see the facts they are given and our filters, and nothing else of Python.

Wording is data that a city edits, not code of ours. So a template has no methods to call but ``.items()``, no function,
no filter of Jinja's own, no ``*`` or ``%`` (which make a gigabyte of a word), and no more room than a letter needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateRuntimeError
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: Characters that a template may put out. An agency's letter holds a report's whole text; others have a hundredth.
ROOM = 100_000


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment over templates in memory, compiled once. An undefined name is an error, never an empty place."""

    intercepted_binops = frozenset(("*", "**", "%"))

    def __init__(
        self,
        folder: str,
        sources: Mapping[str, str],
        filters: Mapping[str, Callable[..., Any]],
        *,
        markup: bool = False,
    ) -> None:
        """``folder`` is what an error names before the file; ``markup``: HTML, in which all facts are escaped."""

        def load(name: str) -> tuple[str, str, None] | None:
            return (sources[name], f"{folder}{name}", None) if name in sources else None

        super().__init__(
            loader=FunctionLoader(load),
            autoescape=markup,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self.globals.clear()
        self.filters = dict(filters)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, LoopContext):
            return super().is_safe_attribute(obj, attr, value)
        return isinstance(obj, dict) and attr == "items"

    def wrap_str_format(self, value: Any) -> None:
        """Nothing: else ``"...".format`` would be made safe, and asked about no further."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"{operator} is not for letters")


def rendered(template: Template, facts: Mapping[str, Any]) -> str:
    """What the template says of these facts.

    Raises:
        jinja2.TemplateError: it names what is not given or not allowed, or says more than :data:`ROOM`.
    """
    return "".join(_within(ROOM, template.generate(facts)))


def _within(room: int, pieces: Iterable[str]) -> Iterable[str]:
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise TemplateRuntimeError(f"says more than {ROOM} characters")
        yield piece
