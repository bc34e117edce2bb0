"""Whether what this container serves is ready: what the image's health check runs (``python -m estafet.health``).

It imports little, because it is started every few seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException

from estafet.settings import SettingError, from_environment

#: Seconds a service may take to answer.
PATIENCE = 5.0


def unwell(host: str, ports: Iterable[int]) -> str | None:
    """What is wrong, in one sentence; None when every service that listens is ready, and at least one does."""
    answers = {port: answer for port in ports if (answer := _ask(host, port)) is not None}
    if not answers:
        return f"nothing listens on {host}"
    bad = [f"port {port}: {answer}" for port, answer in answers.items() if answer != "ready"]
    return ", ".join(bad) or None


def _ask(host: str, port: int) -> str | None:
    """``ready``, or what came instead; None when nothing listens there."""
    connection = HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return "ready" if answer.status == 200 else answer.read().decode(errors="replace")
    except ConnectionRefusedError:
        return None
    except (OSError, HTTPException) as error:
        return f"no answer ({type(error).__name__})"
    finally:
        connection.close()


def main() -> int:
    try:
        settings = from_environment()
    except SettingError as error:
        print(error)
        return 1
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # whom we ask, not where we listen
    wrong = unwell(host, settings.ports.values())
    if wrong:
        print(wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
