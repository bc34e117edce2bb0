"""What ends a command with a sentence instead of a traceback."""

from __future__ import annotations

import importlib
from types import ModuleType


class Failure(Exception):
    """The command cannot do what was asked. The message says what to do about it."""


def needs_serve(name: str) -> ModuleType:
    """Import a module that the light install lacks the libraries for.

    Raises:
        Failure: they are not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "estafet":
            raise
        raise Failure(
            f"This command works on the services themselves and needs what they stand on ({error.name} is missing). "
            "Install it: pip install 'estafet[serve]'"
        ) from error
