"""Small helps for servers that a test starts: ports, waiting, and ending exactly what was started."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")

#: Below those that the machine gives to outgoing connections: one of these could take a port while its server is down.
_PORTS = (20_000, 32_000)
#: Not the common one: hypothesis seeds it, and two workers would draw the same ports.
_RANDOM = random.SystemRandom()


def free_ports(count: int) -> int:
    """The first of so many TCP ports in a row on 127.0.0.1 that nobody used a moment ago."""
    for _ in range(100):
        first = _RANDOM.randrange(*_PORTS)
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise RuntimeError(f"no {count} free ports in a row")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody used a moment ago."""
    return free_ports(1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether something accepts connections on this port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(
    condition: Callable[[], Answer],
    *,
    seconds: float = 30.0,
    what: str = "the condition",
    every: float = 0.05,
) -> Answer:
    """What `condition()` answers, as soon as that is true of anything; TimeoutError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come true within {seconds:g} s")
        time.sleep(every)
    return answer


def require_alive(process: subprocess.Popen[bytes], log: Path, name: str) -> None:
    """Raise RuntimeError with the end of the server's own log when it has already ended."""
    if process.poll() is None:
        return
    tail = log.read_text(errors="replace")[-2000:] if log.exists() else "(no log)"
    raise RuntimeError(f"{name} ended with status {process.returncode}; its log ends:\n{tail}")


def end(process: subprocess.Popen[bytes], *, how: signal.Signals, seconds: float = 30.0) -> None:
    """Send `how` to this process, wait, and kill its own group if it does not go in time.

    The process must have been started with `start_new_session=True`, so that the group holds nothing else.
    """
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its children at once, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
