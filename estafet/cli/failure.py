"""What ends a command with a sentence instead of a traceback."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


class Failure(Exception):
    """The command cannot do what was asked. The message says what to do about it."""


@contextmanager
def cannot(what: str) -> Iterator[None]:
    """Whatever a rule refuses in it (a ValueError) ends the command: that one cannot ``what``, and why.

    Raises:
        Failure: it was refused.
    """
    try:
        yield
    except ValueError as error:
        raise Failure(f"Cannot {what}: {str(error).rstrip('.')}.") from error


def needs_serve(name: str) -> ModuleType:
    """Import a module that the light install lacks the libraries for.

    Raises:
        Failure: they are not installed.
    """
    warnings.filterwarnings("ignore", "\nEventlet is deprecated")  # as the runner: it is nothing that operators mend
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "estafet":
            raise
        raise Failure(
            f"This command works on the services themselves and needs what they stand on ({error.name} is missing). "
            "Install it: pip install 'estafet[serve]'"
        ) from error


def of_database(error: Exception) -> str | None:
    """What to do about a database that cannot be used; None when it is something else that went wrong.

    Told by the library's name, so that the light install need not have it.
    """
    if not type(error).__module__.startswith("sqlalchemy."):
        return None
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return (
        f"The database cannot be used: {said}. If it was never prepared: estafet migrate. "
        "If it is elsewhere: set ESTAFET_DATA or ESTAFET_DATABASE_URL."
    )
